"""Electronic shelf labels kept true: what each should show, sent over MQTT, and what their gateways prove.

Composes reads of `places` and the storefront (price, promise, unit price) into the content of `shelf_labels`. A change of price
or product makes the labels concerned be looked at again, and so does time, for what begins or ends by itself.
"""
