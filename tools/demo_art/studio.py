# pyright: basic, reportMissingImports=false
"""The photographer's studio: lights from the upper left, a paper backdrop, a camera, a darkroom.

Rendering is done with Mitsuba 3 (path tracing) and Open Image Denoise. Every picture is divided by
a picture of the empty studio, so the backdrop is exactly the paper colour and only shadows remain.
"""

from __future__ import annotations

import os
from ctypes import util
from pathlib import Path

import numpy as np
from denoiser import denoise
from paths import CACHE
from PIL import Image
from scipy.ndimage import gaussian_filter
from solids import Array, Part, bounds, grid_faces

if not os.environ.get("DRJIT_LIBLLVM_PATH"):
    found = next((n for n in map(util.find_library, ("LLVM-19", "LLVM-18", "LLVM-17", "LLVM-16")) if n), None)
    if found:
        os.environ["DRJIT_LIBLLVM_PATH"] = found

import mitsuba as mi

mi.set_variant(os.environ.get("DEMO_ART_VARIANT", "llvm_ad_rgb"))

PAPER = {
    "fashion": (0xF6, 0xF0, 0xE6),
    "home": (0xF1, 0xEE, 0xE6),
    "groceries": (0xF8, 0xF0, 0xDF),
}
T = mi.ScalarTransform4f


def srgb(colour: str) -> Array:
    """Linear light of a "#rrggbb" colour."""
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def texture(pixels: Array, raw: bool = False) -> dict:
    """A bitmap texture from display-referred float pixels, top row first; v = 0 is the bottom."""
    data = np.ascontiguousarray(pixels[::-1].astype(np.float32))
    if not raw:
        data = np.where(data <= 0.04045, data / 12.92, ((data + 0.055) / 1.055) ** 2.4).astype(np.float32)
    return {"type": "bitmap", "bitmap": mi.Bitmap(data), "raw": True, "wrap_mode": "clamp"}


def colour(value: str | dict) -> dict:
    """A "#rrggbb" or a ready texture, as the renderer wants it."""
    return value if isinstance(value, dict) else {"type": "rgb", "value": srgb(value).tolist()}


def matte(value: str | dict, roughness: float = 0.85, specular: float = 0.3, sheen: float = 0.0) -> dict:
    """Paper, wood, cloth, clay."""
    return {
        "type": "twosided",
        "bsdf": {
            "type": "principled",
            "base_color": colour(value),
            "roughness": roughness,
            "specular": specular,
            "sheen": sheen,
        },
    }


def glaze(value: str | dict, roughness: float = 0.18) -> dict:
    """Glazed ceramic, lacquer, polished skin of a fruit."""
    return matte(value, roughness, 0.5)


def metal(value: str, roughness: float = 0.25) -> dict:
    """A metal of that reflectance."""
    base = {"type": "principled", "base_color": colour(value), "metallic": 1.0, "roughness": roughness}
    return {"type": "twosided", "bsdf": base}


def glass(ior: float = 1.5, tint: str = "#ffffff") -> dict:
    """Clear glass: the part must be closed."""
    return {"type": "dielectric", "int_ior": ior, "specular_transmittance": colour(tint)}


def thin_glass(tint: str = "#ffffff") -> dict:
    """A thin wall of glass without refraction."""
    return {"type": "thindielectric", "int_ior": 1.5, "specular_transmittance": colour(tint)}


def masked(bsdf: dict, alpha: Array) -> dict:
    """Cut a material out by an opacity picture."""
    return {"type": "mask", "opacity": texture(alpha[..., None], raw=True), "bsdf": bsdf}


def to_mesh(part: Part, name: str = "part") -> mi.Mesh:
    """Hand a part to the renderer."""
    props = mi.Properties()
    props["bsdf"] = mi.load_dict(part.material)
    mesh = mi.Mesh(name, len(part.verts), len(part.faces), props, part.smooth, True)
    params = mi.traverse(mesh)
    params["vertex_positions"] = part.verts.astype(np.float32).ravel()
    params["faces"] = part.faces.astype(np.uint32).ravel()
    params["vertex_texcoords"] = part.uv.astype(np.float32).ravel()
    if part.smooth:
        params["vertex_normals"] = vertex_normals(part).astype(np.float32).ravel()
    params.update()
    return mesh


def vertex_normals(part: Part) -> Array:
    """Area-weighted normals, shared by vertices that lie on the same spot (seams)."""
    a, b, c = (part.verts[part.faces[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    out = np.zeros_like(part.verts, dtype=float)
    for k in range(3):
        for axis in range(3):
            out[:, axis] += np.bincount(part.faces[:, k], face[:, axis], len(part.verts))
    if len(part.verts) < 120_000:
        _, index = np.unique(np.round(part.verts, 5), axis=0, return_inverse=True)
        index = index.ravel()
        merged = np.stack([np.bincount(index, out[:, k]) for k in range(3)], 1)
        out = merged[index]
    return out / (np.linalg.norm(out, axis=1, keepdims=True) + 1e-20)


def shoot(
    scene: dict, size: tuple[int, int], spp: int, seed: int, clean: bool = True, depth: int = 5
) -> Array:
    """Render to linear RGB."""
    scene["integrator"] = {
        "type": "aov",
        "aovs": "alb:albedo,nn:sh_normal",
        "img": {"type": "path", "max_depth": depth, "rr_depth": 5},
    }
    scene["sensor"]["film"] = {
        "type": "hdrfilm",
        "width": size[0],
        "height": size[1],
        "pixel_format": "rgb",
        "rfilter": {"type": "box"},
    }
    scene["sensor"]["sampler"] = {"type": "independent", "sample_count": spp}
    data = np.array(mi.render(mi.load_dict(scene), spp=spp, seed=seed))
    data = np.nan_to_num(data, nan=0.0, posinf=1.0, neginf=0.0)
    beauty = np.minimum(data[..., :3], 6.0)
    return denoise(beauty, data[..., 3:6], data[..., 6:9]) if clean else beauty


def sky() -> dict:
    """Soft room light, brighter above and on the left, with dark cards that draw the edges of glass."""
    h, w = 64, 128
    v, u = np.meshgrid(np.linspace(0, 1, h), np.linspace(0, 1, w), indexing="ij")
    light = 0.34 + 0.5 * np.clip(1 - v * 1.6, 0, 1)
    pixels = np.repeat(light[..., None], 3, 2) * np.array([1.0, 0.985, 0.955])
    del u
    turn = T().rotate([1, 0, 0], 90)
    return {"type": "envmap", "bitmap": mi.Bitmap(pixels.astype(np.float32)), "to_world": turn}


def lamp(origin: tuple, target: tuple, size: float, power: float, tone: tuple = (1, 0.96, 0.9)) -> dict:
    """A softbox."""
    value = [power * c for c in tone]
    place = T().look_at(list(origin), list(target), [0, 0.01, 1]).scale(size)
    emitter = {"type": "area", "radiance": {"type": "rgb", "value": value}}
    return {"type": "rectangle", "to_world": place, "emitter": emitter}


def camera(origin: tuple, target: tuple, fov: float) -> dict:
    """A long lens; the field of view is the vertical one."""
    return {
        "type": "perspective",
        "fov": fov,
        "fov_axis": "y",
        "to_world": T().look_at(list(origin), list(target), [0, 0, 1]),
    }


def cove() -> Part:
    """The seamless paper: a floor that bends up into a wall."""
    bend = [(np.sin(a) * 2.5 + 3.0, 2.5 - np.cos(a) * 2.5) for a in np.linspace(0, np.pi / 2, 24)]
    line = np.array([(-14.0, 0.0), (0.0, 0.0), *bend, (5.5, 16.0)])
    xs = np.linspace(-16, 16, 3)
    verts = np.stack(
        [np.repeat(xs[None], len(line), 0), np.repeat(line[:, :1], 3, 1), np.repeat(line[:, 1:], 3, 1)], -1
    )
    paper = matte({"type": "rgb", "value": [0.86, 0.84, 0.80]}, 1.0, 0.0)
    return Part(verts.reshape(-1, 3), grid_faces(len(line), 3), np.zeros((len(line) * 3, 2)), paper)


def table_set(tilt: float, target_z: float) -> dict:
    """Lights and camera for things that stand; the frame is 1.42 units high at the origin."""
    a, far = np.radians(tilt), 8.0
    eye = (0, -far * np.cos(a), target_z + far * np.sin(a))
    fov = 2 * np.degrees(np.arctan(0.71 / far))
    return {
        "type": "scene",
        "sensor": camera(eye, (0, 0, target_z), fov),
        "sky": sky(),
        "key": lamp((-3.2, -2.6, 4.2), (0, 0, 0.3), 1.3, 9.0),
        "kick": lamp((4.5, -1.0, 2.0), (0, 0, 0.4), 0.8, 1.6, (1, 0.97, 0.94)),
        "cove": to_mesh(cove(), "cove"),
    }


def flat_field(name: str, scene: dict, size: tuple[int, int]) -> Array:
    """A picture of the empty studio, kept between runs: divide by it and the backdrop is even."""
    kept = CACHE / f"flat-{name}-{size[0]}x{size[1]}.npy"
    if not kept.exists():
        small = shoot(scene, (size[0] // 4, size[1] // 4), 256, 7)
        small = gaussian_filter(small, (6, 6, 0), mode="nearest")
        kept.parent.mkdir(exist_ok=True)
        np.save(kept, small.astype(np.float32))
    return enlarge(np.load(kept), size)


def enlarge(picture: Array, size: tuple[int, int]) -> Array:
    """Smooth upscaling of a linear picture."""
    planes = [
        np.asarray(Image.fromarray(picture[..., k].astype(np.float32)).resize(size, Image.Resampling.BICUBIC))
        for k in range(3)
    ]
    return np.stack(planes, -1)


def develop(linear: Array, flat: Array | None, paper: tuple[int, int, int]) -> Image.Image:
    """Flat-field, soft shoulder, slight contrast, to eight bits."""
    white = np.array(paper) / 255
    white = ((white + 0.055) / 1.055) ** 2.4
    x = linear / np.maximum(flat, 1e-4) * white if flat is not None else linear * white
    x = np.where(x > 0.8, 0.8 + (1 - np.exp(-(x - 0.8) / 0.35)) * 0.35, x)
    x = np.clip(x, 0, 1)
    display = np.where(x <= 0.0031308, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055)
    return Image.fromarray((display * 255 + 0.5).astype(np.uint8))


def fit(parts: list[Part], width: float = 1.0, height: float = 1.0) -> list[Part]:
    """Scale a group to the studio's frame, centred, standing on the floor."""
    low, high = bounds(parts)
    scale = min(width / (high[0] - low[0]), height / (high[2] - low[2]))
    middle = (low + high) / 2
    return [p.moved(-middle[0], -middle[1], -low[2]).scaled(scale) for p in parts]


def still_life(
    parts: list[Part],
    family: str,
    size: tuple[int, int] = (800, 800),
    spp: int = 40,
    tilt: float = 13.0,
    fill: float = 0.96,
) -> Image.Image:
    """A catalogue picture of something that stands."""
    frame_w = 1.42 * size[0] / size[1]
    placed = fit(parts, frame_w * 0.87 * fill, 1.12 * fill)
    top = max(p.verts[:, 2].max() for p in placed)
    aim = round(float(top) * 0.5 - 0.02, 1)
    flat = flat_field(f"table-{tilt}-{aim}", table_set(tilt, aim), size)
    scene = table_set(tilt, aim)
    scene.update({f"part{i}": to_mesh(p) for i, p in enumerate(placed)})
    deep = 12 if any("dielectric" in p.material["type"] for p in parts) else 5
    return develop(shoot(scene, size, spp, 11, depth=deep), flat, PAPER[family])


def wall_set(size: tuple[int, int]) -> dict:
    """Lights and camera for things on the wall: one unit is a thousand canvas pixels, x right, z up."""
    w, h = 0.8, 0.8 * size[1] / size[0]
    far = 6.0
    fov = 2 * np.degrees(np.arctan(h / 2 / far))
    wall = T().translate([w / 2, 0, -h / 2]).rotate([1, 0, 0], 90).scale(6)
    paper = matte({"type": "rgb", "value": [0.86, 0.84, 0.80]}, 1.0, 0.0)
    return {
        "type": "scene",
        "sensor": camera((w / 2, -far, -h / 2), (w / 2, 0, -h / 2), fov),
        "sky": {"type": "constant", "radiance": {"type": "rgb", "value": [0.5, 0.5, 0.5]}},
        "key": lamp((-2.1, -2.4, 1.8), (w / 2, 0, -h / 2), 0.66, 19.0),
        "wall": {"type": "rectangle", "to_world": wall, "bsdf": paper},
    }


def on_wall(
    parts: list[Part], family: str, size: tuple[int, int] = (800, 1000), spp: int = 32
) -> Image.Image:
    """A catalogue picture of something that hangs or lies flat, drawn in canvas pixels."""
    flat = flat_field("wall", wall_set(size), size)
    scene = wall_set(size)
    scene.update({f"part{i}": to_mesh(p) for i, p in enumerate(composed(parts))})
    return develop(shoot(scene, size, spp, 11, depth=4), flat, PAPER[family])


def composed(parts: list[Part], width: float = 0.66, height: float = 0.885) -> list[Part]:
    """What hangs, enlarged a little if it is small, in the middle of the picture."""
    low, high = bounds(parts)
    scale = min(1.22, width / (high[0] - low[0]), height / (high[2] - low[2]))
    middle = (low + high) / 2
    return [p.moved(-middle[0], 0, -middle[2]).scaled(scale).moved(0.4, 0, -0.495) for p in parts]


def save_webp(picture: Image.Image, path: Path, limit: int = 35_000) -> int:
    """Write the best WebP that stays under the limit."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for quality in (88, 80, 72, 64, 56, 48):
        picture.save(path, "WEBP", quality=quality, method=5)
        if path.stat().st_size <= limit:
            break
    return path.stat().st_size
