"""Choosing a showroom's samples: demand of orders, visits and imported history, with catalogue, prices and stock, into a plan."""
