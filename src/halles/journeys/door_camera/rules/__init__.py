"""Pure decisions: which box is whose, where people are between pictures, and who crossed the line."""
