"""Local CRMs to try guanxi on: a generated company whose true relationships are known, behind the APIs of real CRMs, on loopback only.

    company/      the neutral company and its truth
    salesforce/   its Salesforce half: projection, store, REST, Bulk 2.0
    faults        what goes wrong on purpose; control: the routes under /_sandbox; server: everything behind one port

Nothing here imports other rooms. `connectors.sandbox.server.serve` runs it; `python -m connectors.sandbox` is its own command line.
"""
