"""The broker, and a program that behaves as a third party's gateway does."""
