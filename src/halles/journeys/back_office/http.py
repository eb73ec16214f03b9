"""The console's routes of the back office."""

from halles.journeys.back_office.ledger import router as ledger
from halles.journeys.back_office.stock import router as stock

routers = (stock, ledger)
