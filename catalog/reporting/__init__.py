"""The report of a version in the forms in which people and programs want it: to-do list, record, DQV, badge."""
