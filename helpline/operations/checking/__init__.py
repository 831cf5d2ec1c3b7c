"""The single checks of the data, by what they look at; `helpline.operations.checks` runs them all."""
