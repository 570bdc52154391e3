"""Pictures as SVG: values in, text out. Classes and presentation attributes only, so that a strict CSP shows them."""
