"""The rule language: grammar, checker, compiler."""
