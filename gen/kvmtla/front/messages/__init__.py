"""What the front end says of mistakes in a spec, in one place and apart from its rules.

There is a module for each area of `errors/codes`, and a function for each way to say something. A
function takes types, names and source text, and knows nothing of syntax trees or scopes. Those of
one code stand together.
"""
