"""People at the door of a place: how full it is now, when they may come, who is next; for shoppers, a wall and staff."""
