"""Users' own transformations, `[[codemod]]`: a step and a file's text in, its new text or why there is none out.

What a user wrote runs in a process of its own (`host`), which the planner asks through `crew`.
"""
