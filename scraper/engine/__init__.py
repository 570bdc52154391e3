"""Turns the wheel: parser processes that can be killed, and whatever drives the flow."""
