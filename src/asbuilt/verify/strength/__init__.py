"""How much a document pins down: the share of planted faults of which `verify` finds that they break it.

The faults are derived from what asbuilt's runtime serves, not from what the document claims, so that a document that
says less is caught saying less. `survey` looks at what is served, `mutants` lists the faults, `between` plants one.
"""
