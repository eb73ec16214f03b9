"""The demo shop: its catalogue, places, people and a morning's visitors, put in through the doors that everyone uses."""
