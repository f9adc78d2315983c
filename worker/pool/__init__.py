"""Extraction in processes of its own: native code that can hang, explode or crash never runs beside the event loop."""
