"""The Gradio app: one file a tab, one a custom component (its .html, .js and .css beside it)."""
