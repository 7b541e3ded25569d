"""What tests of the language share: a small machine, specs made from text, an explorer."""
