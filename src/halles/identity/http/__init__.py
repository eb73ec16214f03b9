"""The pages of identity under /api: signing in, the caller's account, the demo's manners."""

from __future__ import annotations

from fastapi import APIRouter

from halles.identity.http import demo, me, sign_in

router = APIRouter()
router.include_router(sign_in.router)
router.include_router(me.router)
router.include_router(demo.router)
