"""The names of options, attributes and common categories in the languages of the house. What is not here is shown as it is."""

from __future__ import annotations

from halles.catalog import api as catalog

_NAMES: dict[str, tuple[str, str]] = {
    "age_group": ("Age", "Âge"),
    "allergens": ("Allergens", "Allergènes"),
    "care": ("Care", "Entretien"),
    "colour": ("Colour", "Couleur"),
    "dimensions": ("Dimensions", "Dimensions"),
    "gender": ("For", "Pour"),
    "ingredients": ("Ingredients", "Ingrédients"),
    "material": ("Material", "Matière"),
    "nutrition": ("Nutrition, per 100 g", "Valeurs nutritionnelles pour 100 g"),
    "pattern": ("Pattern", "Motif"),
    "size": ("Size", "Taille"),
    "storage": ("Storage", "Conservation"),
}
_CATEGORIES: dict[str, tuple[str, str]] = {
    "accessories": ("Accessories", "Accessoires"),
    "bags": ("Bags", "Sacs"),
    "bakery": ("Bakery", "Boulangerie"),
    "coats": ("Coats", "Manteaux"),
    "decor": ("Decoration", "Décoration"),
    "dresses": ("Dresses", "Robes"),
    "drinks": ("Drinks", "Boissons"),
    "fashion": ("Fashion", "Mode"),
    "fresh": ("Fresh", "Frais"),
    "fruit": ("Fruit", "Fruits"),
    "furniture": ("Furniture", "Meubles"),
    "groceries": ("Groceries", "Épicerie"),
    "home": ("Home", "Maison"),
    "jackets": ("Jackets", "Vestes"),
    "kitchen": ("Kitchen", "Cuisine"),
    "knitwear": ("Knitwear", "Maille"),
    "lighting": ("Lighting", "Luminaires"),
    "other": ("Other", "Autres"),
    "packages": ("Packaged goods", "Produits emballés"),
    "pantry": ("Pantry", "Placard"),
    "shirts": ("Shirts", "Chemises"),
    "shoes": ("Shoes", "Chaussures"),
    "skirts": ("Skirts", "Jupes"),
    "storage": ("Storage", "Rangement"),
    "sweet": ("Sweet", "Douceurs"),
    "table": ("Table", "Table"),
    "textile": ("Textiles", "Linge"),
    "trousers": ("Trousers", "Pantalons"),
    "vegetables": ("Vegetables", "Légumes"),
}


def name_of(name: str, language: str) -> str:
    """What an option or an attribute is called."""
    found = _NAMES.get(name)
    return found[language == "fr"] if found else name.replace("_", " ").capitalize()


def category_name(category: str, title: dict[str, str], language: str) -> str:
    """What a category is called: as its seller named it, else as the house does, else after its path."""
    if title:
        return catalog.pick(title, language)
    found = _CATEGORIES.get(category.rsplit("/", 1)[-1])
    return found[language == "fr"] if found else catalog.category_title(category)
