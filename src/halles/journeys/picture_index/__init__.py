"""What a photo can be compared with follows the catalogue: the pictures of active products are findable, no others are."""
