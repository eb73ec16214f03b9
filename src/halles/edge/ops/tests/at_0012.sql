-- A day of two small shops as a database at revision 0012_visits holds it: written by the release of that revision itself
-- (orders in every state, captured, voided and refunded money, a photo behind a line, two warehouses, a basket, visits,
-- events that wait, one that failed, one that is parked), then dumped. Never changed: an upgrade has to cope with it.
INSERT INTO catalog.offer VALUES
	(1001, 1, 'on_sale', 'new', '2026-11-22 01:24:12.986751+00'),
	(1001, 2, 'on_sale', 'new', '2026-11-22 01:24:12.986751+00'),
	(1001, 3, 'on_sale', 'new', '2026-11-22 01:24:12.986751+00'),
	(1001, 4, 'on_sale', 'new', '2026-11-22 01:24:12.986751+00'),
	(1005, 5, 'on_sale', 'new', '2026-11-22 01:24:13.039031+00'),
	(1005, 6, 'on_sale', 'new', '2026-11-22 01:24:13.039031+00');
INSERT INTO catalog.product VALUES
	(1001, '01a200da-8e40-7177-b998-41ca698d736d', 'P-0', NULL, 'general', 'other', '{"en": "Linen shirt 0", "fr": "Chemise en lin 0"}', '{}', '[]', NULL, 'standard', 'hub', 'active', '\x2b61395dac11ae4a1fa3fc4185c86ddc', 1, '2026-11-22 01:24:12.986751+00', DEFAULT),
	(1001, '01a200da-8e40-7801-8fa2-6e0027d12264', 'P-1', NULL, 'general', 'other', '{"en": "Linen shirt 1", "fr": "Chemise en lin 1"}', '{}', '[]', NULL, 'standard', 'hub', 'active', '\xc6b228caada3d8f0236164379b59130f', 1, '2026-11-22 01:24:12.986751+00', DEFAULT),
	(1001, '01a200da-8e40-7fb6-b158-8561dd17f3d5', 'P-2', NULL, 'general', 'other', '{"en": "Linen shirt 2", "fr": "Chemise en lin 2"}', '{}', '[]', NULL, 'standard', 'hub', 'active', '\x11f13e53debf7b8ef3e2e826d5c2e5f0', 1, '2026-11-22 01:24:12.986751+00', DEFAULT),
	(1001, '01a200da-8e40-7fcf-b2ef-d52239fb7abb', 'P-3', NULL, 'general', 'other', '{"en": "Linen shirt 3", "fr": "Chemise en lin 3"}', '{}', '[]', NULL, 'standard', 'hub', 'active', '\x4c64be3995922348f236295cfb1776be', 1, '2026-11-22 01:24:12.986751+00', DEFAULT),
	(1005, '01a200da-8e72-7a2a-8120-c4975accc1d2', 'P-0', NULL, 'general', 'other', '{"en": "Linen shirt 0", "fr": "Chemise en lin 0"}', '{}', '[]', NULL, 'standard', 'hub', 'active', '\x2b61395dac11ae4a1fa3fc4185c86ddc', 1, '2026-11-22 01:24:13.039031+00', DEFAULT),
	(1005, '01a200da-8e72-7dd7-bd28-a53d573ac85a', 'P-1', NULL, 'general', 'other', '{"en": "Linen shirt 1", "fr": "Chemise en lin 1"}', '{}', '[]', NULL, 'standard', 'hub', 'active', '\xc6b228caada3d8f0236164379b59130f', 1, '2026-11-22 01:24:13.039031+00', DEFAULT);
INSERT INTO catalog.variant OVERRIDING SYSTEM VALUE VALUES
	(1001, 1, '01a200da-8e40-7177-b998-41ca698d736d', 'SKU-0', NULL, '[]', '{}', NULL, NULL, NULL, 0),
	(1001, 2, '01a200da-8e40-7801-8fa2-6e0027d12264', 'SKU-1', NULL, '[]', '{}', NULL, NULL, NULL, 0),
	(1001, 3, '01a200da-8e40-7fb6-b158-8561dd17f3d5', 'SKU-2', NULL, '[]', '{}', NULL, NULL, NULL, 0),
	(1001, 4, '01a200da-8e40-7fcf-b2ef-d52239fb7abb', 'SKU-3', NULL, '[]', '{}', NULL, NULL, NULL, 0),
	(1005, 5, '01a200da-8e72-7a2a-8120-c4975accc1d2', 'SKU-0', NULL, '[]', '{}', NULL, NULL, NULL, 0),
	(1005, 6, '01a200da-8e72-7dd7-bd28-a53d573ac85a', 'SKU-1', NULL, '[]', '{}', NULL, NULL, NULL, 0);
INSERT INTO identity.party VALUES
	(1, 'organisation', false, 'Halles', 'en', 'EUR', NULL, '2026-11-22 01:24:12.88641+00'),
	(1001, 'organisation', false, 'Maison', 'en', 'EUR', NULL, '2026-11-21 10:00:00+00'),
	(1002, 'person', true, NULL, 'en', 'EUR', NULL, '2026-11-21 10:00:00+00'),
	(1003, 'person', true, NULL, 'en', 'EUR', NULL, '2026-11-21 10:00:00+00'),
	(1004, 'person', true, NULL, 'en', 'EUR', NULL, '2026-11-21 10:00:00+00'),
	(1005, 'organisation', false, 'Atelier', 'en', 'EUR', NULL, '2026-11-21 10:00:00+00'),
	(1006, 'person', true, NULL, 'en', 'EUR', NULL, '2026-11-21 10:00:00+00');
INSERT INTO identity.session VALUES
	('\xe5fa9b77774dba19646b8122ed51872902a39b2a1c5d000b94b7b9c20cbb7e46', 1002, 'Browser', '2026-11-21 10:00:00+00', '2026-11-21 10:00:00+00', '2026-12-21 10:00:00+00'),
	('\x4d76228281ddf55ed8b23b2b95b107fa4d0e71e24a4cd54e85629d949d7c4c9c', 1003, 'Browser', '2026-11-21 10:00:00+00', '2026-11-21 10:00:00+00', '2026-12-21 10:00:00+00'),
	('\xbedc286fe256228af5aab65defe9ae214533ed42242890e3afaa780c99c0cd34', 1004, 'Browser', '2026-11-21 10:00:00+00', '2026-11-21 10:00:00+00', '2026-12-21 10:00:00+00'),
	('\xfcce3223b08ad5e25ca088ab57a1300314895ea11f597dd859c4c45f9295c4e2', 1006, 'Browser', '2026-11-21 10:00:00+00', '2026-11-21 10:00:00+00', '2026-12-21 10:00:00+00');
INSERT INTO inventory.location VALUES
	(1001, 1, 'hub', 'Roissy hub', 'hub', 'FR', NULL),
	(1001, 2, 'supplier', 'Hangzhou warehouse', 'abroad', 'CN', NULL),
	(1005, 3, 'hub', 'Roissy hub', 'hub', 'FR', NULL),
	(1005, 4, 'supplier', 'Hangzhou warehouse', 'abroad', 'CN', NULL);
INSERT INTO inventory.movement OVERRIDING SYSTEM VALUE VALUES
	(1001, 1, 1, 1, 'received', 40, 0, '{01a200da-8e53-7601-a177-73192b2878b7}', '{40}', 'system', 'opening', '2026-11-21 10:00:00+00'),
	(1001, 2, 1, 2, 'received', 40, 0, '{01a200da-8e53-7601-a177-73192b2878b7}', '{40}', 'system', 'opening', '2026-11-21 10:00:00+00'),
	(1001, 3, 1, 3, 'received', 40, 0, '{01a200da-8e53-7601-a177-73192b2878b7}', '{40}', 'system', 'opening', '2026-11-21 10:00:00+00'),
	(1001, 4, 1, 4, 'received', 40, 0, '{01a200da-8e53-7601-a177-73192b2878b7}', '{40}', 'system', 'opening', '2026-11-21 10:00:00+00'),
	(1001, 5, 2, 1, 'received', 40, 0, '{01a200da-8e53-7601-a177-73192b2878b7}', '{40}', 'system', 'opening', '2026-11-21 10:00:00+00'),
	(1005, 6, 3, 5, 'received', 15, 0, '{01a200da-8e82-70c5-a572-d6f63e3bdff5}', '{15}', 'system', 'opening', '2026-11-21 10:00:00+00'),
	(1005, 7, 3, 6, 'received', 15, 0, '{01a200da-8e82-70c5-a572-d6f63e3bdff5}', '{15}', 'system', 'opening', '2026-11-21 10:00:00+00'),
	(1005, 8, 4, 5, 'received', 15, 0, '{01a200da-8e82-70c5-a572-d6f63e3bdff5}', '{15}', 'system', 'opening', '2026-11-21 10:00:00+00'),
	(1001, 9, 1, 1, 'reserved', 0, 2, '{01a200da-8e92-7116-8068-a5683377190b}', '{2}', 'shopper', NULL, '2026-11-21 10:07:00+00'),
	(1001, 10, 1, 2, 'reserved', 0, 1, '{01a200da-8ea2-751a-93a4-6494f070d953}', '{1}', 'shopper', NULL, '2026-11-21 10:14:00+00'),
	(1001, 11, 1, 3, 'reserved', 0, 3, '{01a200da-8ea2-751a-93a4-6494f070d953}', '{3}', 'shopper', NULL, '2026-11-21 10:14:00+00'),
	(1001, 12, 1, 4, 'reserved', 0, 1, '{01a200da-8ea9-7347-9d58-244cd37db5b1}', '{1}', 'shopper', NULL, '2026-11-21 10:21:00+00'),
	(1001, 13, 1, 1, 'reserved', 0, 1, '{01a200da-8eab-7b44-9245-54d99678ea52}', '{1}', 'shopper', NULL, '2026-11-21 10:28:00+00'),
	(1001, 14, 1, 2, 'reserved', 0, 1, '{01a200da-8eab-7b44-9245-54d99678ea52}', '{1}', 'shopper', NULL, '2026-11-21 10:28:00+00'),
	(1001, 15, 1, 3, 'reserved', 0, 1, '{01a200da-8eab-7b44-9245-54d99678ea52}', '{1}', 'shopper', NULL, '2026-11-21 10:28:00+00'),
	(1001, 16, 1, 4, 'reserved', 0, 1, '{01a200da-8eab-7b44-9245-54d99678ea52}', '{1}', 'shopper', NULL, '2026-11-21 10:28:00+00'),
	(1001, 17, 1, 1, 'reserved', 0, 2, '{01a200da-8ead-7483-83a7-141b48b8841f}', '{2}', 'shopper', NULL, '2026-11-21 10:35:00+00'),
	(1001, 18, 1, 2, 'reserved', 0, 1, '{01a200da-8eae-73d7-ad3e-0b4f2b810205}', '{1}', 'shopper', NULL, '2026-11-21 10:42:00+00'),
	(1001, 19, 1, 3, 'reserved', 0, 3, '{01a200da-8eae-73d7-ad3e-0b4f2b810205}', '{3}', 'shopper', NULL, '2026-11-21 10:42:00+00'),
	(1001, 20, 1, 4, 'reserved', 0, 1, '{01a200da-8eaf-7f57-ac85-e438e4a5814b}', '{1}', 'shopper', NULL, '2026-11-21 10:49:00+00'),
	(1001, 21, 1, 1, 'reserved', 0, 1, '{01a200da-8eb0-7072-9d4a-f10427be3dee}', '{1}', 'shopper', NULL, '2026-11-21 10:56:00+00'),
	(1001, 22, 1, 2, 'reserved', 0, 1, '{01a200da-8eb0-7072-9d4a-f10427be3dee}', '{1}', 'shopper', NULL, '2026-11-21 10:56:00+00'),
	(1001, 23, 1, 3, 'reserved', 0, 1, '{01a200da-8eb0-7072-9d4a-f10427be3dee}', '{1}', 'shopper', NULL, '2026-11-21 10:56:00+00'),
	(1001, 24, 1, 4, 'reserved', 0, 1, '{01a200da-8eb0-7072-9d4a-f10427be3dee}', '{1}', 'shopper', NULL, '2026-11-21 10:56:00+00'),
	(1001, 25, 1, 1, 'reserved', 0, 2, '{01a200da-8eb2-73e8-b667-a38da4514288}', '{2}', 'shopper', NULL, '2026-11-21 11:03:00+00'),
	(1001, 26, 1, 2, 'reserved', 0, 1, '{01a200da-8eb4-783e-9f23-2408d492674b}', '{1}', 'shopper', NULL, '2026-11-21 11:10:00+00'),
	(1001, 27, 1, 3, 'reserved', 0, 3, '{01a200da-8eb4-783e-9f23-2408d492674b}', '{3}', 'shopper', NULL, '2026-11-21 11:10:00+00'),
	(1001, 28, 1, 4, 'reserved', 0, 1, '{01a200da-8eb7-7568-a560-bb5a6ef37d42}', '{1}', 'shopper', NULL, '2026-11-21 11:17:00+00'),
	(1001, 29, 1, 1, 'reserved', 0, 1, '{01a200da-8eb9-7242-a33a-d9be219aff2d}', '{1}', 'shopper', NULL, '2026-11-21 11:24:00+00'),
	(1001, 30, 1, 2, 'reserved', 0, 1, '{01a200da-8eb9-7242-a33a-d9be219aff2d}', '{1}', 'shopper', NULL, '2026-11-21 11:24:00+00'),
	(1001, 31, 1, 3, 'reserved', 0, 1, '{01a200da-8eb9-7242-a33a-d9be219aff2d}', '{1}', 'shopper', NULL, '2026-11-21 11:24:00+00'),
	(1001, 32, 1, 4, 'reserved', 0, 1, '{01a200da-8eb9-7242-a33a-d9be219aff2d}', '{1}', 'shopper', NULL, '2026-11-21 11:24:00+00'),
	(1001, 33, 1, 2, 'reserved', 0, 2, '{01a200da-8eba-7c55-a74a-46ab6132d895}', '{2}', 'shopper', NULL, '2026-11-21 11:24:00+00'),
	(1001, 34, 2, 1, 'reserved', 0, 1, '{01a200da-8ebb-7710-8ec7-be1c6ce4c21c}', '{1}', 'shopper', NULL, '2026-11-21 11:31:00+00'),
	(1005, 35, 3, 5, 'reserved', 0, 1, '{01a200da-8ebd-7623-9e92-3b2e39038914}', '{1}', 'shopper', NULL, '2026-11-21 11:38:00+00'),
	(1005, 36, 3, 6, 'reserved', 0, 2, '{01a200da-8ebd-7623-9e92-3b2e39038914}', '{2}', 'shopper', NULL, '2026-11-21 11:38:00+00'),
	(1005, 37, 3, 6, 'reserved', 0, 1, '{01a200da-8ec1-7b91-803e-6cae8ede019d}', '{1}', 'shopper', NULL, '2026-11-21 11:45:00+00'),
	(1001, 38, 1, 1, 'reserved', 0, 5, '{01a200da-8ec2-7422-baa3-2f33b557667f,01a200da-8ec2-76a2-90d5-1d6cadc3ff04,01a200da-8ec2-7792-8fb3-6ac8656ad916,01a200da-8ec2-76ed-a1b7-103ae95802e8,01a200da-8ec2-786a-b11c-f3bd4a63e3a9}', '{1,1,1,1,1}', 'shopper', NULL, '2026-11-21 11:45:00+00'),
	(1001, 39, 1, 4, 'shipped', -1, -1, '{01a200da-8ea9-7347-9d58-244cd37db5b1}', '{1}', 'staff:1', NULL, '2026-11-21 11:45:00+00'),
	(1001, 40, 1, 1, 'shipped', -1, -1, '{01a200da-8eab-7b44-9245-54d99678ea52}', '{1}', 'staff:1', NULL, '2026-11-21 11:45:00+00'),
	(1001, 41, 1, 2, 'shipped', -1, -1, '{01a200da-8eab-7b44-9245-54d99678ea52}', '{1}', 'staff:1', NULL, '2026-11-21 11:45:00+00'),
	(1001, 42, 1, 3, 'shipped', -1, -1, '{01a200da-8eab-7b44-9245-54d99678ea52}', '{1}', 'staff:1', NULL, '2026-11-21 11:45:00+00'),
	(1001, 43, 1, 4, 'shipped', -1, -1, '{01a200da-8eab-7b44-9245-54d99678ea52}', '{1}', 'staff:1', NULL, '2026-11-21 11:45:00+00'),
	(1001, 44, 1, 1, 'released', 0, -2, '{01a200da-8ead-7483-83a7-141b48b8841f}', '{2}', 'staff:1', NULL, '2026-11-21 11:45:00+00'),
	(1001, 45, 1, 2, 'shipped', -1, -1, '{01a200da-8eae-73d7-ad3e-0b4f2b810205}', '{1}', 'staff:1', NULL, '2026-11-21 11:45:00+00'),
	(1001, 46, 1, 3, 'shipped', -3, -3, '{01a200da-8eae-73d7-ad3e-0b4f2b810205}', '{3}', 'staff:1', NULL, '2026-11-21 11:45:00+00'),
	(1001, 47, 1, 2, 'returned', 1, 0, '{01a200da-8eae-73d7-ad3e-0b4f2b810205}', '{1}', 'staff:1', NULL, '2026-11-21 11:45:00+00'),
	(1001, 48, 1, 3, 'returned', 3, 0, '{01a200da-8eae-73d7-ad3e-0b4f2b810205}', '{3}', 'staff:1', NULL, '2026-11-21 11:45:00+00'),
	(1001, 49, 1, 4, 'released', 0, -1, '{01a200da-8eaf-7f57-ac85-e438e4a5814b}', '{1}', 'staff:1', NULL, '2026-11-21 11:45:00+00'),
	(1001, 50, 1, 1, 'shipped', -1, -1, '{01a200da-8eb0-7072-9d4a-f10427be3dee}', '{1}', 'staff:1', NULL, '2026-11-21 11:45:00+00'),
	(1001, 51, 1, 2, 'shipped', -1, -1, '{01a200da-8eb0-7072-9d4a-f10427be3dee}', '{1}', 'staff:1', NULL, '2026-11-21 11:45:00+00'),
	(1001, 52, 1, 3, 'shipped', -1, -1, '{01a200da-8eb0-7072-9d4a-f10427be3dee}', '{1}', 'staff:1', NULL, '2026-11-21 11:45:00+00'),
	(1001, 53, 1, 4, 'shipped', -1, -1, '{01a200da-8eb0-7072-9d4a-f10427be3dee}', '{1}', 'staff:1', NULL, '2026-11-21 11:45:00+00');
INSERT INTO inventory.stock VALUES
	(1001, 1, 1, 38, 10, 0, 0),
	(1005, 4, 5, 15, 0, 0, 0),
	(1001, 1, 2, 38, 5, 0, 0),
	(1001, 1, 3, 38, 7, 0, 0),
	(1001, 1, 4, 37, 2, 0, 0),
	(1001, 2, 1, 40, 1, 0, 0),
	(1005, 3, 5, 15, 1, 0, 0),
	(1005, 3, 6, 15, 3, 0, 0);
INSERT INTO kernel.command VALUES
	('inventory.received:1001', '01a200da-8e53-7601-a177-73192b2878b7', '\xac7a812ac9aa3a2de61e1e28beb2cc67', 200, '\x5b7b2273656c6c65725f6964223a313030312c226c6f636174696f6e5f6964223a312c2276617269616e745f6964223a312c226f6e5f68616e64223a34302c227265736572766564223a302c22736166657479223a302c2272696e675f66656e636564223a307d2c7b2273656c6c65725f6964223a313030312c226c6f636174696f6e5f6964223a312c2276617269616e745f6964223a322c226f6e5f68616e64223a34302c227265736572766564223a302c22736166657479223a302c2272696e675f66656e636564223a307d2c7b2273656c6c65725f6964223a313030312c226c6f636174696f6e5f6964223a312c2276617269616e745f6964223a332c226f6e5f68616e64223a34302c227265736572766564223a302c22736166657479223a302c2272696e675f66656e636564223a307d2c7b2273656c6c65725f6964223a313030312c226c6f636174696f6e5f6964223a312c2276617269616e745f6964223a342c226f6e5f68616e64223a34302c227265736572766564223a302c22736166657479223a302c2272696e675f66656e636564223a307d2c7b2273656c6c65725f6964223a313030312c226c6f636174696f6e5f6964223a322c2276617269616e745f6964223a312c226f6e5f68616e64223a34302c227265736572766564223a302c22736166657479223a302c2272696e675f66656e636564223a307d5d', '2026-11-22 01:24:12.986751+00'),
	('inventory.received:1005', '01a200da-8e82-70c5-a572-d6f63e3bdff5', '\x4533c39fc2e7570aa6c948ded3da58b0', 200, '\x5b7b2273656c6c65725f6964223a313030352c226c6f636174696f6e5f6964223a332c2276617269616e745f6964223a352c226f6e5f68616e64223a31352c227265736572766564223a302c22736166657479223a302c2272696e675f66656e636564223a307d2c7b2273656c6c65725f6964223a313030352c226c6f636174696f6e5f6964223a332c2276617269616e745f6964223a362c226f6e5f68616e64223a31352c227265736572766564223a302c22736166657479223a302c2272696e675f66656e636564223a307d2c7b2273656c6c65725f6964223a313030352c226c6f636174696f6e5f6964223a342c2276617269616e745f6964223a352c226f6e5f68616e64223a31352c227265736572766564223a302c22736166657479223a302c2272696e675f66656e636564223a307d5d', '2026-11-22 01:24:13.039031+00');
INSERT INTO kernel.outbox OVERRIDING SYSTEM VALUE VALUES
	(2, 2, '01a200da-8e4a-71d4-becd-4d2df05a607c', 'product:01a200da-8e40-7801-8fa2-6e0027d12264', 'catalog.product_changed', '{"seller_id": 1001, "product_id": "01a200da-8e40-7801-8fa2-6e0027d12264"}', '2026-11-22 01:24:12.986751+00', 0, NULL, '{}', NULL, NULL),
	(3, 3, '01a200da-8e4a-70b3-b426-e0d261ab1a30', 'product:01a200da-8e40-7fb6-b158-8561dd17f3d5', 'catalog.product_changed', '{"seller_id": 1001, "product_id": "01a200da-8e40-7fb6-b158-8561dd17f3d5"}', '2026-11-22 01:24:12.986751+00', 0, NULL, '{}', NULL, NULL),
	(28, 4, '01a200da-8e4a-7395-9a8d-7c9846175310', 'product:01a200da-8e40-7fcf-b2ef-d52239fb7abb', 'catalog.product_changed', '{"seller_id": 1001, "product_id": "01a200da-8e40-7fcf-b2ef-d52239fb7abb"}', '2026-11-22 01:24:12.986751+00', 0, NULL, '{}', NULL, NULL),
	(19, 5, '01a200da-8e7c-7531-b1ef-2c26344add41', 'product:01a200da-8e72-7a2a-8120-c4975accc1d2', 'catalog.product_changed', '{"seller_id": 1005, "product_id": "01a200da-8e72-7a2a-8120-c4975accc1d2"}', '2026-11-22 01:24:13.039031+00', 0, NULL, '{}', NULL, NULL),
	(30, 6, '01a200da-8e7c-73cd-905e-8672de83f151', 'product:01a200da-8e72-7dd7-bd28-a53d573ac85a', 'catalog.product_changed', '{"seller_id": 1005, "product_id": "01a200da-8e72-7dd7-bd28-a53d573ac85a"}', '2026-11-22 01:24:13.039031+00', 0, NULL, '{}', NULL, NULL),
	(27, 7, '01a200da-8ea0-74ac-a019-01e2c2310e2c', 'order:01a200da-8e92-7116-8068-a5683377190b', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8e92-7116-8068-a5683377190b", "owner_id": 1002, "place_id": 1, "seller_id": 1001, "total_minor": 2400, "touchpoint_id": 1}', '2026-11-22 01:24:13.082476+00', 0, NULL, '{}', NULL, NULL),
	(31, 8, '01a200da-8ea5-791c-8192-ec4870cdb89f', 'order:01a200da-8ea2-751a-93a4-6494f070d953', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8ea2-751a-93a4-6494f070d953", "owner_id": 1003, "place_id": null, "seller_id": 1001, "total_minor": 4800, "touchpoint_id": null}', '2026-11-22 01:24:13.092345+00', 0, NULL, '{}', NULL, NULL),
	(16, 9, '01a200da-8eab-76e9-a18d-c51c800314c2', 'order:01a200da-8ea9-7347-9d58-244cd37db5b1', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8ea9-7347-9d58-244cd37db5b1", "owner_id": 1002, "place_id": null, "seller_id": 1001, "total_minor": 1200, "touchpoint_id": null}', '2026-11-22 01:24:13.09844+00', 0, NULL, '{}', NULL, NULL),
	(30, 10, '01a200da-8eac-7043-a46e-4fd1342cda8c', 'order:01a200da-8eab-7b44-9245-54d99678ea52', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8eab-7b44-9245-54d99678ea52", "owner_id": 1003, "place_id": 1, "seller_id": 1001, "total_minor": 4800, "touchpoint_id": 1}', '2026-11-22 01:24:13.099994+00', 0, NULL, '{}', NULL, NULL),
	(14, 11, '01a200da-8ead-799b-aefe-2789363fb255', 'order:01a200da-8ead-7483-83a7-141b48b8841f', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8ead-7483-83a7-141b48b8841f", "owner_id": 1002, "place_id": null, "seller_id": 1001, "total_minor": 2400, "touchpoint_id": null}', '2026-11-22 01:24:13.101322+00', 0, NULL, '{}', NULL, NULL),
	(17, 12, '01a200da-8eaf-7dc8-863c-f43163de8cde', 'order:01a200da-8eae-73d7-ad3e-0b4f2b810205', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8eae-73d7-ad3e-0b4f2b810205", "owner_id": 1003, "place_id": null, "seller_id": 1001, "total_minor": 4800, "touchpoint_id": null}', '2026-11-22 01:24:13.102441+00', 0, NULL, '{}', NULL, NULL),
	(12, 13, '01a200da-8eb0-75ba-b175-0ba5e2e00094', 'order:01a200da-8eaf-7f57-ac85-e438e4a5814b', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8eaf-7f57-ac85-e438e4a5814b", "owner_id": 1002, "place_id": 1, "seller_id": 1001, "total_minor": 1200, "touchpoint_id": 1}', '2026-11-22 01:24:13.103804+00', 0, NULL, '{}', NULL, NULL),
	(4, 14, '01a200da-8eb2-7789-8a43-57a2d5ca0b38', 'order:01a200da-8eb0-7072-9d4a-f10427be3dee', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8eb0-7072-9d4a-f10427be3dee", "owner_id": 1003, "place_id": null, "seller_id": 1001, "total_minor": 4800, "touchpoint_id": null}', '2026-11-22 01:24:13.105066+00', 0, NULL, '{}', NULL, NULL),
	(22, 15, '01a200da-8eb3-7afd-ab79-24967d4637dc', 'order:01a200da-8eb2-73e8-b667-a38da4514288', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8eb2-73e8-b667-a38da4514288", "owner_id": 1002, "place_id": null, "seller_id": 1001, "total_minor": 2400, "touchpoint_id": null}', '2026-11-22 01:24:13.10707+00', 0, NULL, '{}', NULL, NULL),
	(7, 16, '01a200da-8eb4-78e8-b756-6b68e3a2b2e4', 'order:01a200da-8eb4-783e-9f23-2408d492674b', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8eb4-783e-9f23-2408d492674b", "owner_id": 1003, "place_id": 1, "seller_id": 1001, "total_minor": 4800, "touchpoint_id": 1}', '2026-11-22 01:24:13.108232+00', 0, NULL, '{}', NULL, NULL),
	(23, 17, '01a200da-8eb8-7f36-a138-6ffe7a64c57b', 'order:01a200da-8eb7-7568-a560-bb5a6ef37d42', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8eb7-7568-a560-bb5a6ef37d42", "owner_id": 1002, "place_id": null, "seller_id": 1001, "total_minor": 1200, "touchpoint_id": null}', '2026-11-22 01:24:13.111787+00', 0, NULL, '{}', NULL, NULL),
	(25, 18, '01a200da-8eba-7d17-9728-53ab00ad651a', 'order:01a200da-8eb9-7242-a33a-d9be219aff2d', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8eb9-7242-a33a-d9be219aff2d", "owner_id": 1003, "place_id": null, "seller_id": 1001, "total_minor": 4800, "touchpoint_id": null}', '2026-11-22 01:24:13.113581+00', 0, NULL, '{}', NULL, NULL),
	(3, 19, '01a200da-8ebb-7287-b713-289bfe0ff841', 'order:01a200da-8eba-7c55-a74a-46ab6132d895', 'orders.order_placed', '{"matches": [{"match_id": "01a200da-8eba-774b-8435-3f283fc9d5e4", "variant_id": 2}], "currency": "EUR", "order_id": "01a200da-8eba-7c55-a74a-46ab6132d895", "owner_id": 1002, "place_id": null, "seller_id": 1001, "total_minor": 2400, "touchpoint_id": null}', '2026-11-22 01:24:13.11484+00', 0, NULL, '{}', NULL, NULL),
	(14, 20, '01a200da-8ebc-77a6-9fca-4c47c32d2412', 'order:01a200da-8ebb-7710-8ec7-be1c6ce4c21c', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8ebb-7710-8ec7-be1c6ce4c21c", "owner_id": 1004, "place_id": null, "seller_id": 1001, "total_minor": 1200, "touchpoint_id": null}', '2026-11-22 01:24:13.115918+00', 0, NULL, '{}', NULL, NULL),
	(28, 21, '01a200da-8ec0-72d5-822d-bef1d0585ace', 'order:01a200da-8ebd-7623-9e92-3b2e39038914', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8ebd-7623-9e92-3b2e39038914", "owner_id": 1006, "place_id": null, "seller_id": 1005, "total_minor": 3600, "touchpoint_id": null}', '2026-11-22 01:24:13.119423+00', 0, NULL, '{}', NULL, NULL),
	(24, 22, '01a200da-8ec1-7052-9c3a-57ba29158065', 'order:01a200da-8ec1-7b91-803e-6cae8ede019d', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8ec1-7b91-803e-6cae8ede019d", "owner_id": 1002, "place_id": null, "seller_id": 1005, "total_minor": 1200, "touchpoint_id": null}', '2026-11-22 01:24:13.121439+00', 0, NULL, '{}', NULL, NULL),
	(24, 23, '01a200da-8ec3-75e8-b7c3-a40cbead1a82', 'order:01a200da-8ec2-7422-baa3-2f33b557667f', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8ec2-7422-baa3-2f33b557667f", "owner_id": 1003, "place_id": null, "seller_id": 1001, "total_minor": 1200, "touchpoint_id": null}', '2026-11-22 01:24:13.122749+00', 0, NULL, '{}', NULL, NULL),
	(3, 24, '01a200da-8ec3-72a4-88ad-95e519fcb96c', 'order:01a200da-8ec2-76a2-90d5-1d6cadc3ff04', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8ec2-76a2-90d5-1d6cadc3ff04", "owner_id": 1003, "place_id": null, "seller_id": 1001, "total_minor": 1200, "touchpoint_id": null}', '2026-11-22 01:24:13.122749+00', 0, NULL, '{}', NULL, NULL),
	(9, 25, '01a200da-8ec3-7a4f-95be-ae23cba39702', 'order:01a200da-8ec2-7792-8fb3-6ac8656ad916', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8ec2-7792-8fb3-6ac8656ad916", "owner_id": 1003, "place_id": null, "seller_id": 1001, "total_minor": 1200, "touchpoint_id": null}', '2026-11-22 01:24:13.122749+00', 0, NULL, '{}', NULL, NULL),
	(8, 26, '01a200da-8ec3-7065-af7e-c1f396ca7a74', 'order:01a200da-8ec2-76ed-a1b7-103ae95802e8', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8ec2-76ed-a1b7-103ae95802e8", "owner_id": 1003, "place_id": null, "seller_id": 1001, "total_minor": 1200, "touchpoint_id": null}', '2026-11-22 01:24:13.122749+00', 0, NULL, '{}', NULL, NULL),
	(11, 27, '01a200da-8ec3-7f62-9df5-afc2838dca69', 'order:01a200da-8ec2-786a-b11c-f3bd4a63e3a9', 'orders.order_placed', '{"matches": [], "currency": "EUR", "order_id": "01a200da-8ec2-786a-b11c-f3bd4a63e3a9", "owner_id": 1003, "place_id": null, "seller_id": 1001, "total_minor": 1200, "touchpoint_id": null}', '2026-11-22 01:24:13.122749+00', 0, NULL, '{}', NULL, NULL),
	(31, 28, '01a200da-8ec9-78e0-b8bb-751256a57fe0', 'order:01a200da-8ea2-751a-93a4-6494f070d953', 'orders.order_advanced', '{"state": "packed", "order_id": "01a200da-8ea2-751a-93a4-6494f070d953", "owner_id": 1003, "seller_id": 1001}', '2026-11-22 01:24:13.125359+00', 0, NULL, '{}', NULL, NULL),
	(16, 30, '01a200da-8ecd-7d04-a1ed-19e792b14f1f', 'order:01a200da-8ea9-7347-9d58-244cd37db5b1', 'orders.order_advanced', '{"state": "shipped", "order_id": "01a200da-8ea9-7347-9d58-244cd37db5b1", "owner_id": 1002, "seller_id": 1001}', '2026-11-22 01:24:13.132592+00', 0, NULL, '{}', NULL, NULL),
	(30, 32, '01a200da-8ed3-75c5-8898-066cb93aa044', 'order:01a200da-8eab-7b44-9245-54d99678ea52', 'orders.order_advanced', '{"state": "shipped", "order_id": "01a200da-8eab-7b44-9245-54d99678ea52", "owner_id": 1003, "seller_id": 1001}', '2026-11-22 01:24:13.138916+00', 0, NULL, '{}', NULL, NULL),
	(14, 34, '01a200da-8eda-7ea8-92fc-5b8c31ebacec', 'order:01a200da-8ead-7483-83a7-141b48b8841f', 'orders.order_advanced', '{"state": "cancelled", "order_id": "01a200da-8ead-7483-83a7-141b48b8841f", "owner_id": 1002, "seller_id": 1001}', '2026-11-22 01:24:13.145968+00', 0, NULL, '{}', NULL, NULL),
	(17, 36, '01a200da-8ee0-7fbb-b2ed-ad174fbabfe0', 'order:01a200da-8eae-73d7-ad3e-0b4f2b810205', 'orders.order_advanced', '{"state": "shipped", "order_id": "01a200da-8eae-73d7-ad3e-0b4f2b810205", "owner_id": 1003, "seller_id": 1001}', '2026-11-22 01:24:13.152143+00', 0, NULL, '{}', NULL, NULL),
	(17, 38, '01a200da-8ee6-7869-80b2-d75f7f8d1b0a', 'order:01a200da-8eae-73d7-ad3e-0b4f2b810205', 'orders.order_advanced', '{"state": "returned", "order_id": "01a200da-8eae-73d7-ad3e-0b4f2b810205", "owner_id": 1003, "seller_id": 1001}', '2026-11-22 01:24:13.157319+00', 0, NULL, '{}', NULL, NULL),
	(4, 40, '01a200da-8ef0-716e-89b0-527c52cfcd82', 'order:01a200da-8eb0-7072-9d4a-f10427be3dee', 'orders.order_advanced', '{"state": "packed", "order_id": "01a200da-8eb0-7072-9d4a-f10427be3dee", "owner_id": 1003, "seller_id": 1001}', '2026-11-22 01:24:13.168201+00', 0, NULL, '{}', NULL, NULL),
	(4, 42, '01a200da-8ef5-7238-a07e-0e641cad575e', 'order:01a200da-8eb0-7072-9d4a-f10427be3dee', 'orders.order_advanced', '{"state": "delivered", "order_id": "01a200da-8eb0-7072-9d4a-f10427be3dee", "owner_id": 1003, "seller_id": 1001}', '2026-11-22 01:24:13.172845+00', 0, NULL, '{}', NULL, NULL),
	(12, 1, '01a200da-8e4a-717a-988a-35893f0403c5', 'product:01a200da-8e40-7177-b998-41ca698d736d', 'catalog.product_changed', '{"seller_id": 1001, "product_id": "01a200da-8e40-7177-b998-41ca698d736d"}', '2026-11-22 01:24:12.986751+00', 3, '2026-11-22 01:23:13.180095+00', '{}', 'the mail server is away', NULL),
	(16, 29, '01a200da-8ecc-7979-8135-9c47d0c1e13d', 'order:01a200da-8ea9-7347-9d58-244cd37db5b1', 'orders.order_advanced', '{"state": "packed", "order_id": "01a200da-8ea9-7347-9d58-244cd37db5b1", "owner_id": 1002, "seller_id": 1001}', '2026-11-22 01:24:13.130421+00', 0, NULL, '{}', NULL, NULL),
	(30, 31, '01a200da-8ed2-7544-9d4f-c53559294e35', 'order:01a200da-8eab-7b44-9245-54d99678ea52', 'orders.order_advanced', '{"state": "packed", "order_id": "01a200da-8eab-7b44-9245-54d99678ea52", "owner_id": 1003, "seller_id": 1001}', '2026-11-22 01:24:13.137685+00', 0, NULL, '{}', NULL, NULL),
	(30, 33, '01a200da-8ed8-7faa-a908-deee868c1737', 'order:01a200da-8eab-7b44-9245-54d99678ea52', 'orders.order_advanced', '{"state": "delivered", "order_id": "01a200da-8eab-7b44-9245-54d99678ea52", "owner_id": 1003, "seller_id": 1001}', '2026-11-22 01:24:13.143767+00', 0, NULL, '{}', NULL, NULL),
	(17, 35, '01a200da-8edf-73cf-8d50-f8d2595dbc4b', 'order:01a200da-8eae-73d7-ad3e-0b4f2b810205', 'orders.order_advanced', '{"state": "packed", "order_id": "01a200da-8eae-73d7-ad3e-0b4f2b810205", "owner_id": 1003, "seller_id": 1001}', '2026-11-22 01:24:13.150695+00', 0, NULL, '{}', NULL, NULL),
	(17, 37, '01a200da-8ee4-7141-a13a-3744df7dea88', 'order:01a200da-8eae-73d7-ad3e-0b4f2b810205', 'orders.order_advanced', '{"state": "delivered", "order_id": "01a200da-8eae-73d7-ad3e-0b4f2b810205", "owner_id": 1003, "seller_id": 1001}', '2026-11-22 01:24:13.156176+00', 0, NULL, '{}', NULL, NULL),
	(12, 39, '01a200da-8eed-78dc-8a4d-40395f9061f6', 'order:01a200da-8eaf-7f57-ac85-e438e4a5814b', 'orders.order_advanced', '{"state": "cancelled", "order_id": "01a200da-8eaf-7f57-ac85-e438e4a5814b", "owner_id": 1002, "seller_id": 1001}', '2026-11-22 01:24:13.164081+00', 0, NULL, '{}', NULL, NULL),
	(4, 41, '01a200da-8ef1-7028-8a0f-fa27d3683c6b', 'order:01a200da-8eb0-7072-9d4a-f10427be3dee', 'orders.order_advanced', '{"state": "shipped", "order_id": "01a200da-8eb0-7072-9d4a-f10427be3dee", "owner_id": 1003, "seller_id": 1001}', '2026-11-22 01:24:13.169168+00', 0, NULL, '{}', NULL, NULL),
	(28, 43, '01a200da-8ef6-7668-a066-593a0da18533', 'order:01a200da-8ebd-7623-9e92-3b2e39038914', 'orders.order_advanced', '{"state": "packed", "order_id": "01a200da-8ebd-7623-9e92-3b2e39038914", "owner_id": 1006, "seller_id": 1005}', '2026-11-22 01:24:13.173836+00', 0, NULL, '{}', NULL, NULL),
	(11, 44, '01a200da-8efb-77fb-a6ea-751bb949d88f', 'visits:1001', 'visits.recorded', '{"place_id": 1, "seller_id": 1001}', '2026-11-22 01:24:13.173836+00', 8, NULL, '{}', 'boom', '2026-11-22 01:24:13.180095+00');
INSERT INTO orders.basket_line VALUES
	(1002, 1001, 3, 3, 1200, 'EUR', NULL, NULL, NULL, '2026-11-21 10:00:00+00');
INSERT INTO orders.event VALUES
	(1001, '01a200da-8ea2-751a-93a4-6494f070d953', 1, '2026-11-21 11:45:00+00', 'orders.packed', 'staff:1', NULL),
	(1001, '01a200da-8ea9-7347-9d58-244cd37db5b1', 1, '2026-11-21 11:45:00+00', 'orders.packed', 'staff:1', NULL),
	(1001, '01a200da-8ea9-7347-9d58-244cd37db5b1', 2, '2026-11-21 11:45:00+00', 'orders.shipped', 'staff:1', NULL),
	(1001, '01a200da-8eab-7b44-9245-54d99678ea52', 1, '2026-11-21 11:45:00+00', 'orders.packed', 'staff:1', NULL),
	(1001, '01a200da-8eab-7b44-9245-54d99678ea52', 2, '2026-11-21 11:45:00+00', 'orders.shipped', 'staff:1', NULL),
	(1001, '01a200da-8eab-7b44-9245-54d99678ea52', 3, '2026-11-21 11:45:00+00', 'orders.delivered', 'staff:1', NULL),
	(1001, '01a200da-8ead-7483-83a7-141b48b8841f', 1, '2026-11-21 11:45:00+00', 'orders.cancelled', 'staff:1', NULL),
	(1001, '01a200da-8eae-73d7-ad3e-0b4f2b810205', 1, '2026-11-21 11:45:00+00', 'orders.packed', 'staff:1', NULL),
	(1001, '01a200da-8eae-73d7-ad3e-0b4f2b810205', 2, '2026-11-21 11:45:00+00', 'orders.shipped', 'staff:1', NULL),
	(1001, '01a200da-8eae-73d7-ad3e-0b4f2b810205', 3, '2026-11-21 11:45:00+00', 'orders.delivered', 'staff:1', NULL),
	(1001, '01a200da-8eae-73d7-ad3e-0b4f2b810205', 4, '2026-11-21 11:45:00+00', 'orders.returned', 'staff:1', NULL),
	(1001, '01a200da-8eaf-7f57-ac85-e438e4a5814b', 1, '2026-11-21 11:45:00+00', 'orders.cancelled', 'staff:1', NULL),
	(1001, '01a200da-8eb0-7072-9d4a-f10427be3dee', 1, '2026-11-21 11:45:00+00', 'orders.packed', 'staff:1', NULL),
	(1001, '01a200da-8eb0-7072-9d4a-f10427be3dee', 2, '2026-11-21 11:45:00+00', 'orders.shipped', 'staff:1', NULL),
	(1001, '01a200da-8eb0-7072-9d4a-f10427be3dee', 3, '2026-11-21 11:45:00+00', 'orders.delivered', 'staff:1', NULL),
	(1005, '01a200da-8ebd-7623-9e92-3b2e39038914', 1, '2026-11-21 11:45:00+00', 'orders.packed', 'staff:2', NULL);
INSERT INTO orders."order" VALUES
	(1001, '01a200da-8e92-7116-8068-a5683377190b', 1002, 1, 1, 2400, 400, 'EUR', 1, 1, '2026-11-21 10:07:00+00', '[{"image": null, "title": {"en": "Linen shirt 0", "fr": "Chemise en lin 0"}, "tax_bp": 2000, "options": [], "quantity": 2, "product_id": "01a200da-8e40-7177-b998-41ca698d736d", "variant_id": 1, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\xe60b6da7c1eded99ac66fb93ccfd3178'),
	(1001, '01a200da-8ea2-751a-93a4-6494f070d953', 1003, NULL, NULL, 4800, 800, 'EUR', 2, 1, '2026-11-21 10:14:00+00', '[{"image": null, "title": {"en": "Linen shirt 1", "fr": "Chemise en lin 1"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7801-8fa2-6e0027d12264", "variant_id": 2, "location_id": 1, "unit_price_minor": 1200}, {"image": null, "title": {"en": "Linen shirt 2", "fr": "Chemise en lin 2"}, "tax_bp": 2000, "options": [], "quantity": 3, "product_id": "01a200da-8e40-7fb6-b158-8561dd17f3d5", "variant_id": 3, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\xf756676e621e6f5b94e8933e94c791dd'),
	(1001, '01a200da-8ead-7483-83a7-141b48b8841f', 1002, NULL, NULL, 2400, 400, 'EUR', 5, 3, '2026-11-21 10:35:00+00', '[{"image": null, "title": {"en": "Linen shirt 0", "fr": "Chemise en lin 0"}, "tax_bp": 2000, "options": [], "quantity": 2, "product_id": "01a200da-8e40-7177-b998-41ca698d736d", "variant_id": 1, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\x52ed06eb76bee40b271443bf8fb16942'),
	(1001, '01a200da-8ea9-7347-9d58-244cd37db5b1', 1002, NULL, NULL, 1200, 200, 'EUR', 3, 2, '2026-11-21 10:21:00+00', '[{"image": null, "title": {"en": "Linen shirt 3", "fr": "Chemise en lin 3"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7fcf-b2ef-d52239fb7abb", "variant_id": 4, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\xfa0f57c51134d3528fbc4a1bb8b37fef'),
	(1001, '01a200da-8eaf-7f57-ac85-e438e4a5814b', 1002, 1, 1, 1200, 200, 'EUR', 5, 3, '2026-11-21 10:49:00+00', '[{"image": null, "title": {"en": "Linen shirt 3", "fr": "Chemise en lin 3"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7fcf-b2ef-d52239fb7abb", "variant_id": 4, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\xf5796687318f0c59c5b12e634f7b2027'),
	(1001, '01a200da-8eae-73d7-ad3e-0b4f2b810205', 1003, NULL, NULL, 4800, 800, 'EUR', 6, 4, '2026-11-21 10:42:00+00', '[{"image": null, "title": {"en": "Linen shirt 1", "fr": "Chemise en lin 1"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7801-8fa2-6e0027d12264", "variant_id": 2, "location_id": 1, "unit_price_minor": 1200}, {"image": null, "title": {"en": "Linen shirt 2", "fr": "Chemise en lin 2"}, "tax_bp": 2000, "options": [], "quantity": 3, "product_id": "01a200da-8e40-7fb6-b158-8561dd17f3d5", "variant_id": 3, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\x781ac3fed76b6225febb77450b095fbc'),
	(1001, '01a200da-8eb2-73e8-b667-a38da4514288', 1002, NULL, NULL, 2400, 400, 'EUR', 1, 1, '2026-11-21 11:03:00+00', '[{"image": null, "title": {"en": "Linen shirt 0", "fr": "Chemise en lin 0"}, "tax_bp": 2000, "options": [], "quantity": 2, "product_id": "01a200da-8e40-7177-b998-41ca698d736d", "variant_id": 1, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\xafb2864bbe7a65504f067b6d3b8c7255'),
	(1001, '01a200da-8eb4-783e-9f23-2408d492674b', 1003, 1, 1, 4800, 800, 'EUR', 1, 1, '2026-11-21 11:10:00+00', '[{"image": null, "title": {"en": "Linen shirt 1", "fr": "Chemise en lin 1"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7801-8fa2-6e0027d12264", "variant_id": 2, "location_id": 1, "unit_price_minor": 1200}, {"image": null, "title": {"en": "Linen shirt 2", "fr": "Chemise en lin 2"}, "tax_bp": 2000, "options": [], "quantity": 3, "product_id": "01a200da-8e40-7fb6-b158-8561dd17f3d5", "variant_id": 3, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\x2189612fce6f9812485c5372e68258be'),
	(1001, '01a200da-8eb7-7568-a560-bb5a6ef37d42', 1002, NULL, NULL, 1200, 200, 'EUR', 1, 1, '2026-11-21 11:17:00+00', '[{"image": null, "title": {"en": "Linen shirt 3", "fr": "Chemise en lin 3"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7fcf-b2ef-d52239fb7abb", "variant_id": 4, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\x8178b44f35e91234e4424fbec936f736'),
	(1001, '01a200da-8eb9-7242-a33a-d9be219aff2d', 1003, NULL, NULL, 4800, 800, 'EUR', 1, 1, '2026-11-21 11:24:00+00', '[{"image": null, "title": {"en": "Linen shirt 0", "fr": "Chemise en lin 0"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7177-b998-41ca698d736d", "variant_id": 1, "location_id": 1, "unit_price_minor": 1200}, {"image": null, "title": {"en": "Linen shirt 1", "fr": "Chemise en lin 1"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7801-8fa2-6e0027d12264", "variant_id": 2, "location_id": 1, "unit_price_minor": 1200}, {"image": null, "title": {"en": "Linen shirt 2", "fr": "Chemise en lin 2"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7fb6-b158-8561dd17f3d5", "variant_id": 3, "location_id": 1, "unit_price_minor": 1200}, {"image": null, "title": {"en": "Linen shirt 3", "fr": "Chemise en lin 3"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7fcf-b2ef-d52239fb7abb", "variant_id": 4, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\x074cc18663bbb41c91c17e4150d839eb'),
	(1001, '01a200da-8eba-7c55-a74a-46ab6132d895', 1002, NULL, NULL, 2400, 400, 'EUR', 1, 1, '2026-11-21 11:24:00+00', '[{"image": null, "title": {"en": "Linen shirt 1", "fr": "Chemise en lin 1"}, "tax_bp": 2000, "options": [], "match_id": "01a200da-8eba-774b-8435-3f283fc9d5e4", "quantity": 2, "product_id": "01a200da-8e40-7801-8fa2-6e0027d12264", "variant_id": 2, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', 'camille@example.com', '\xc222edfa2aa9582e69b21128d890717c'),
	(1001, '01a200da-8eb0-7072-9d4a-f10427be3dee', 1003, NULL, NULL, 4800, 800, 'EUR', 4, 2, '2026-11-21 10:56:00+00', '[{"image": null, "title": {"en": "Linen shirt 0", "fr": "Chemise en lin 0"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7177-b998-41ca698d736d", "variant_id": 1, "location_id": 1, "unit_price_minor": 1200}, {"image": null, "title": {"en": "Linen shirt 1", "fr": "Chemise en lin 1"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7801-8fa2-6e0027d12264", "variant_id": 2, "location_id": 1, "unit_price_minor": 1200}, {"image": null, "title": {"en": "Linen shirt 2", "fr": "Chemise en lin 2"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7fb6-b158-8561dd17f3d5", "variant_id": 3, "location_id": 1, "unit_price_minor": 1200}, {"image": null, "title": {"en": "Linen shirt 3", "fr": "Chemise en lin 3"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7fcf-b2ef-d52239fb7abb", "variant_id": 4, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\x1f807c2ddde5619046d800fd59f75907'),
	(1001, '01a200da-8ebb-7710-8ec7-be1c6ce4c21c', 1004, NULL, NULL, 1200, 200, 'EUR', 1, 1, '2026-11-21 11:31:00+00', '[{"image": null, "title": {"en": "Linen shirt 0", "fr": "Chemise en lin 0"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7177-b998-41ca698d736d", "variant_id": 1, "location_id": 2, "unit_price_minor": 1200}]', '{"date": "2026-12-07", "days": 10, "from": "Hangzhou warehouse", "kind": "delivery", "lane": "abroad", "latest": "2026-12-08", "text_key": "promise.abroad", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\xa1abeeadc39eea3b75ec01429d1990ec'),
	(1005, '01a200da-8ec1-7b91-803e-6cae8ede019d', 1002, NULL, NULL, 1200, 200, 'EUR', 1, 1, '2026-11-21 11:45:00+00', '[{"image": null, "title": {"en": "Linen shirt 1", "fr": "Chemise en lin 1"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e72-7dd7-bd28-a53d573ac85a", "variant_id": 6, "location_id": 3, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\x7460083acc44ee9099c32efaf26b8aff'),
	(1001, '01a200da-8ec2-7422-baa3-2f33b557667f', 1003, NULL, NULL, 1200, 200, 'EUR', 1, 1, '2026-11-21 11:45:00+00', '[{"image": null, "title": {"en": "Linen shirt 0", "fr": "Chemise en lin 0"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7177-b998-41ca698d736d", "variant_id": 1, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\xa3c686e40861ae37ff0a729e8ac5e506'),
	(1001, '01a200da-8ec2-76a2-90d5-1d6cadc3ff04', 1003, NULL, NULL, 1200, 200, 'EUR', 1, 1, '2026-11-21 11:45:00+00', '[{"image": null, "title": {"en": "Linen shirt 0", "fr": "Chemise en lin 0"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7177-b998-41ca698d736d", "variant_id": 1, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\xee6fc8f4c0e84162c200d77d64b094c1'),
	(1001, '01a200da-8ec2-7792-8fb3-6ac8656ad916', 1003, NULL, NULL, 1200, 200, 'EUR', 1, 1, '2026-11-21 11:45:00+00', '[{"image": null, "title": {"en": "Linen shirt 0", "fr": "Chemise en lin 0"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7177-b998-41ca698d736d", "variant_id": 1, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\x2224ef2dbd44cb30ea6e5a9793347560'),
	(1001, '01a200da-8ec2-76ed-a1b7-103ae95802e8', 1003, NULL, NULL, 1200, 200, 'EUR', 1, 1, '2026-11-21 11:45:00+00', '[{"image": null, "title": {"en": "Linen shirt 0", "fr": "Chemise en lin 0"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7177-b998-41ca698d736d", "variant_id": 1, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\x3eb3bcf7ca7dea6ce2accd66d83bbc87'),
	(1001, '01a200da-8ec2-786a-b11c-f3bd4a63e3a9', 1003, NULL, NULL, 1200, 200, 'EUR', 1, 1, '2026-11-21 11:45:00+00', '[{"image": null, "title": {"en": "Linen shirt 0", "fr": "Chemise en lin 0"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7177-b998-41ca698d736d", "variant_id": 1, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\x3103375cfca2df6d50f215c5b833e3ab'),
	(1005, '01a200da-8ebd-7623-9e92-3b2e39038914', 1006, NULL, NULL, 3600, 600, 'EUR', 2, 1, '2026-11-21 11:38:00+00', '[{"image": null, "title": {"en": "Linen shirt 0", "fr": "Chemise en lin 0"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e72-7a2a-8120-c4975accc1d2", "variant_id": 5, "location_id": 3, "unit_price_minor": 1200}, {"image": null, "title": {"en": "Linen shirt 1", "fr": "Chemise en lin 1"}, "tax_bp": 2000, "options": [], "quantity": 2, "product_id": "01a200da-8e72-7dd7-bd28-a53d573ac85a", "variant_id": 6, "location_id": 3, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\x4f38a43e3515cbe2dc891657fab2b786'),
	(1001, '01a200da-8eab-7b44-9245-54d99678ea52', 1003, 1, 1, 4800, 800, 'EUR', 4, 2, '2026-11-21 10:28:00+00', '[{"image": null, "title": {"en": "Linen shirt 0", "fr": "Chemise en lin 0"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7177-b998-41ca698d736d", "variant_id": 1, "location_id": 1, "unit_price_minor": 1200}, {"image": null, "title": {"en": "Linen shirt 1", "fr": "Chemise en lin 1"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7801-8fa2-6e0027d12264", "variant_id": 2, "location_id": 1, "unit_price_minor": 1200}, {"image": null, "title": {"en": "Linen shirt 2", "fr": "Chemise en lin 2"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7fb6-b158-8561dd17f3d5", "variant_id": 3, "location_id": 1, "unit_price_minor": 1200}, {"image": null, "title": {"en": "Linen shirt 3", "fr": "Chemise en lin 3"}, "tax_bp": 2000, "options": [], "quantity": 1, "product_id": "01a200da-8e40-7fcf-b2ef-d52239fb7abb", "variant_id": 4, "location_id": 1, "unit_price_minor": 1200}]', '{"date": "2026-11-26", "days": 3, "from": "Roissy hub", "kind": "delivery", "lane": "hub", "latest": "2026-11-27", "text_key": "promise.hub", "confidence": "kept"}', '{"city": "Paris", "name": "Camille", "line1": "12 rue des Archives", "country": "FR", "postcode": "75004"}', NULL, '\x4f3ce0b0b1616624005228dab71624b3');
INSERT INTO orders.receipt VALUES
	(1002, '01a200da-8e92-7116-8068-a5683377190b', 1001, '2026-11-21 10:07:00+00'),
	(1003, '01a200da-8ea2-751a-93a4-6494f070d953', 1001, '2026-11-21 10:14:00+00'),
	(1002, '01a200da-8ea9-7347-9d58-244cd37db5b1', 1001, '2026-11-21 10:21:00+00'),
	(1003, '01a200da-8eab-7b44-9245-54d99678ea52', 1001, '2026-11-21 10:28:00+00'),
	(1002, '01a200da-8ead-7483-83a7-141b48b8841f', 1001, '2026-11-21 10:35:00+00'),
	(1003, '01a200da-8eae-73d7-ad3e-0b4f2b810205', 1001, '2026-11-21 10:42:00+00'),
	(1002, '01a200da-8eaf-7f57-ac85-e438e4a5814b', 1001, '2026-11-21 10:49:00+00'),
	(1003, '01a200da-8eb0-7072-9d4a-f10427be3dee', 1001, '2026-11-21 10:56:00+00'),
	(1002, '01a200da-8eb2-73e8-b667-a38da4514288', 1001, '2026-11-21 11:03:00+00'),
	(1003, '01a200da-8eb4-783e-9f23-2408d492674b', 1001, '2026-11-21 11:10:00+00'),
	(1002, '01a200da-8eb7-7568-a560-bb5a6ef37d42', 1001, '2026-11-21 11:17:00+00'),
	(1003, '01a200da-8eb9-7242-a33a-d9be219aff2d', 1001, '2026-11-21 11:24:00+00'),
	(1002, '01a200da-8eba-7c55-a74a-46ab6132d895', 1001, '2026-11-21 11:24:00+00'),
	(1004, '01a200da-8ebb-7710-8ec7-be1c6ce4c21c', 1001, '2026-11-21 11:31:00+00'),
	(1006, '01a200da-8ebd-7623-9e92-3b2e39038914', 1005, '2026-11-21 11:38:00+00'),
	(1002, '01a200da-8ec1-7b91-803e-6cae8ede019d', 1005, '2026-11-21 11:45:00+00'),
	(1003, '01a200da-8ec2-7422-baa3-2f33b557667f', 1001, '2026-11-21 11:45:00+00'),
	(1003, '01a200da-8ec2-76a2-90d5-1d6cadc3ff04', 1001, '2026-11-21 11:45:00+00'),
	(1003, '01a200da-8ec2-7792-8fb3-6ac8656ad916', 1001, '2026-11-21 11:45:00+00'),
	(1003, '01a200da-8ec2-76ed-a1b7-103ae95802e8', 1001, '2026-11-21 11:45:00+00'),
	(1003, '01a200da-8ec2-786a-b11c-f3bd4a63e3a9', 1001, '2026-11-21 11:45:00+00');
INSERT INTO payments.topup VALUES
	(1002, '01a200da-8ef7-7499-8956-372c24ec0fee', 5000, 'EUR', 'demo', 'created', NULL, NULL, NULL, NULL, 0, '2026-11-21 10:00:04+00', '2026-11-21 10:00:00+00', '2026-11-21 10:00:00+00');
INSERT INTO places.place OVERRIDING SYSTEM VALUE VALUES
	(1001, 1, 'pop-up-maison', 'Pop-up Le Marais', 'showroom', NULL, NULL, 'Paris', 'FR', NULL, NULL, 'Europe/Paris', '{}', 'EUR', NULL, NULL, 1, '2026-11-22 01:24:12.986751+00'),
	(1005, 2, 'pop-up-atelier', 'Pop-up Le Marais', 'showroom', NULL, NULL, 'Paris', 'FR', NULL, NULL, 'Europe/Paris', '{}', 'EUR', NULL, NULL, 1, '2026-11-22 01:24:13.039031+00');
INSERT INTO places.touchpoint OVERRIDING SYSTEM VALUE VALUES
	(1001, 1, 1, 'photo-1001', 'photo'),
	(1005, 2, 2, 'photo-1005', 'photo');
INSERT INTO pricing.item VALUES
	(1001, 1, 'standard'),
	(1001, 2, 'standard'),
	(1001, 3, 'standard'),
	(1001, 4, 'standard'),
	(1005, 5, 'standard'),
	(1005, 6, 'standard');
INSERT INTO pricing.price VALUES
	(1001, 1, 1, '2026-01-01 00:00:00+00', 1200, NULL, '2026-11-22 01:24:12.986751+00'),
	(1001, 1, 2, '2026-01-01 00:00:00+00', 1200, NULL, '2026-11-22 01:24:12.986751+00'),
	(1001, 1, 3, '2026-01-01 00:00:00+00', 1200, NULL, '2026-11-22 01:24:12.986751+00'),
	(1001, 1, 4, '2026-01-01 00:00:00+00', 1200, NULL, '2026-11-22 01:24:12.986751+00'),
	(1005, 2, 5, '2026-01-01 00:00:00+00', 1200, NULL, '2026-11-22 01:24:13.039031+00'),
	(1005, 2, 6, '2026-01-01 00:00:00+00', 1200, NULL, '2026-11-22 01:24:13.039031+00');
INSERT INTO pricing.price_list OVERRIDING SYSTEM VALUE VALUES
	(1001, 1, 'default', 'EUR', NULL, '-infinity', 'infinity'),
	(1005, 2, 'default', 'EUR', NULL, '-infinity', 'infinity');
INSERT INTO promises.lane OVERRIDING SYSTEM VALUE VALUES
	(1001, 1, 'hub', 'Roissy hub', 'FR', 1, 'FR', 3, 1, '14:00:00', 'Europe/Paris', ''),
	(1001, 2, 'abroad', 'Hangzhou warehouse', 'CN', 2, 'FR', 10, 1, '14:00:00', 'Europe/Paris', ''),
	(1005, 3, 'hub', 'Roissy hub', 'FR', 3, 'FR', 3, 1, '14:00:00', 'Europe/Paris', ''),
	(1005, 4, 'abroad', 'Hangzhou warehouse', 'CN', 4, 'FR', 10, 1, '14:00:00', 'Europe/Paris', '');
INSERT INTO visits.event VALUES
	(1001, '01a200da-8ef7-7f1f-93a1-57d87ecc2eb2', 'opened', 1, 1, 'v1', NULL, '2026-11-21 10:00:00+00'),
	(1001, '01a200da-8ef7-7635-b26a-06a36d9d9b4b', 'order', 1, 1, 'v1', NULL, '2026-11-21 10:00:00+00');
INSERT INTO visits.hourly VALUES
	(1001, '2026-11-21 10:00:00+00', 1, 1, 'opened', 10, 1),
	(1001, '2026-11-21 10:00:00+00', 1, 1, 'order', 10, 1),
	(1001, '2026-11-21 10:00:00+00', 1, 1, 'visit', 10, 1);
INSERT INTO visits.visitor_day VALUES
	(1001, '2026-11-21', 1, 'v1');
INSERT INTO wallet.account VALUES
	(1, 1, 'clearing', 'EUR', -650000, 0),
	(1004, 4, 'main', 'EUR', 200000, 1200),
	(1006, 5, 'main', 'EUR', 50000, 3600),
	(1002, 2, 'main', 'EUR', 198800, 9600),
	(1003, 3, 'main', 'EUR', 190400, 20400),
	(1001, 7, 'payable', 'EUR', 8136, 0),
	(1001, 8, 'tax', 'EUR', 1800, 0),
	(1, 6, 'fees', 'EUR', 864, 0);
INSERT INTO wallet.hold VALUES
	(1002, '01a200da-8e92-7116-8068-a5683377190b', 2, 2400, 1, '01a200da-8e92-7116-8068-a5683377190b', '[[1001, "payable", 1808, 0], [1001, "tax", 400, 0], [1, "fees", 192, 0]]', '2026-11-21 10:07:00+00'),
	(1003, '01a200da-8ea2-751a-93a4-6494f070d953', 3, 4800, 1, '01a200da-8ea2-751a-93a4-6494f070d953', '[[1001, "payable", 3616, 0], [1001, "tax", 800, 0], [1, "fees", 384, 0]]', '2026-11-21 10:14:00+00'),
	(1002, '01a200da-8eb2-73e8-b667-a38da4514288', 2, 2400, 1, '01a200da-8eb2-73e8-b667-a38da4514288', '[[1001, "payable", 1808, 0], [1001, "tax", 400, 0], [1, "fees", 192, 0]]', '2026-11-21 11:03:00+00'),
	(1003, '01a200da-8eb4-783e-9f23-2408d492674b', 3, 4800, 1, '01a200da-8eb4-783e-9f23-2408d492674b', '[[1001, "payable", 3616, 0], [1001, "tax", 800, 0], [1, "fees", 384, 0]]', '2026-11-21 11:10:00+00'),
	(1002, '01a200da-8eb7-7568-a560-bb5a6ef37d42', 2, 1200, 1, '01a200da-8eb7-7568-a560-bb5a6ef37d42', '[[1001, "payable", 904, 0], [1001, "tax", 200, 0], [1, "fees", 96, 0]]', '2026-11-21 11:17:00+00'),
	(1003, '01a200da-8eb9-7242-a33a-d9be219aff2d', 3, 4800, 1, '01a200da-8eb9-7242-a33a-d9be219aff2d', '[[1001, "payable", 3616, 0], [1001, "tax", 800, 0], [1, "fees", 384, 0]]', '2026-11-21 11:24:00+00'),
	(1002, '01a200da-8eba-7c55-a74a-46ab6132d895', 2, 2400, 1, '01a200da-8eba-7c55-a74a-46ab6132d895', '[[1001, "payable", 1808, 0], [1001, "tax", 400, 0], [1, "fees", 192, 0]]', '2026-11-21 11:24:00+00'),
	(1004, '01a200da-8ebb-7710-8ec7-be1c6ce4c21c', 4, 1200, 1, '01a200da-8ebb-7710-8ec7-be1c6ce4c21c', '[[1001, "payable", 904, 0], [1001, "tax", 200, 0], [1, "fees", 96, 0]]', '2026-11-21 11:31:00+00'),
	(1006, '01a200da-8ebd-7623-9e92-3b2e39038914', 5, 3600, 1, '01a200da-8ebd-7623-9e92-3b2e39038914', '[[1005, "payable", 3000, 0], [1005, "tax", 600, 0]]', '2026-11-21 11:38:00+00'),
	(1002, '01a200da-8ec1-7b91-803e-6cae8ede019d', 2, 1200, 1, '01a200da-8ec1-7b91-803e-6cae8ede019d', '[[1005, "payable", 1000, 0], [1005, "tax", 200, 0]]', '2026-11-21 11:45:00+00'),
	(1003, '01a200da-8ec2-7422-baa3-2f33b557667f', 3, 1200, 1, '01a200da-8ec2-7422-baa3-2f33b557667f', '[[1001, "payable", 904, 0], [1001, "tax", 200, 0], [1, "fees", 96, 0]]', '2026-11-21 11:45:00+00'),
	(1003, '01a200da-8ec2-76a2-90d5-1d6cadc3ff04', 3, 1200, 1, '01a200da-8ec2-76a2-90d5-1d6cadc3ff04', '[[1001, "payable", 904, 0], [1001, "tax", 200, 0], [1, "fees", 96, 0]]', '2026-11-21 11:45:00+00'),
	(1003, '01a200da-8ec2-7792-8fb3-6ac8656ad916', 3, 1200, 1, '01a200da-8ec2-7792-8fb3-6ac8656ad916', '[[1001, "payable", 904, 0], [1001, "tax", 200, 0], [1, "fees", 96, 0]]', '2026-11-21 11:45:00+00'),
	(1003, '01a200da-8ec2-76ed-a1b7-103ae95802e8', 3, 1200, 1, '01a200da-8ec2-76ed-a1b7-103ae95802e8', '[[1001, "payable", 904, 0], [1001, "tax", 200, 0], [1, "fees", 96, 0]]', '2026-11-21 11:45:00+00'),
	(1003, '01a200da-8ec2-786a-b11c-f3bd4a63e3a9', 3, 1200, 1, '01a200da-8ec2-786a-b11c-f3bd4a63e3a9', '[[1001, "payable", 904, 0], [1001, "tax", 200, 0], [1, "fees", 96, 0]]', '2026-11-21 11:45:00+00'),
	(1002, '01a200da-8ea9-7347-9d58-244cd37db5b1', 2, 1200, 2, '01a200da-8ea9-7347-9d58-244cd37db5b1', '[[1001, "payable", 904, 0], [1001, "tax", 200, 0], [1, "fees", 96, 0]]', '2026-11-21 10:21:00+00'),
	(1003, '01a200da-8eab-7b44-9245-54d99678ea52', 3, 4800, 2, '01a200da-8eab-7b44-9245-54d99678ea52', '[[1001, "payable", 3616, 0], [1001, "tax", 800, 0], [1, "fees", 384, 0]]', '2026-11-21 10:28:00+00'),
	(1002, '01a200da-8ead-7483-83a7-141b48b8841f', 2, 2400, 3, '01a200da-8ead-7483-83a7-141b48b8841f', '[[1001, "payable", 1808, 0], [1001, "tax", 400, 0], [1, "fees", 192, 0]]', '2026-11-21 10:35:00+00'),
	(1003, '01a200da-8eb0-7072-9d4a-f10427be3dee', 3, 4800, 2, '01a200da-8eb0-7072-9d4a-f10427be3dee', '[[1001, "payable", 3616, 0], [1001, "tax", 800, 0], [1, "fees", 384, 0]]', '2026-11-21 10:56:00+00'),
	(1003, '01a200da-8eae-73d7-ad3e-0b4f2b810205', 3, 4800, 2, '01a200da-8eae-73d7-ad3e-0b4f2b810205', '[[1001, "payable", 3616, 3616], [1001, "tax", 800, 800], [1, "fees", 384, 384]]', '2026-11-21 10:42:00+00'),
	(1002, '01a200da-8eaf-7f57-ac85-e438e4a5814b', 2, 1200, 3, '01a200da-8eaf-7f57-ac85-e438e4a5814b', '[[1001, "payable", 904, 0], [1001, "tax", 200, 0], [1, "fees", 96, 0]]', '2026-11-21 10:49:00+00');
INSERT INTO wallet.terms VALUES
	(1001, 800);
INSERT INTO wallet.transfer VALUES
	(1, '6ab5a3b9-f470-899e-b8ad-08df5f3eecd6', 1, 1002, 2, 200000, 'EUR', 'top_up', NULL, '01a200da-8e62-7854-bad5-44f667e16505', '2026-11-21 10:00:00+00'),
	(1, '725a55f4-4c51-8044-84db-306f25075b93', 1, 1003, 3, 200000, 'EUR', 'top_up', NULL, '01a200da-8e67-7d80-9e88-865b2c60009e', '2026-11-21 10:00:00+00'),
	(1, 'f6aac907-fdbe-85f2-b772-8eac54595d76', 1, 1004, 4, 200000, 'EUR', 'top_up', NULL, '01a200da-8e6c-7449-8db4-6038b4c5b2de', '2026-11-21 10:00:00+00'),
	(1, 'cbdfad8e-2431-8e66-ad80-0bc391faefae', 1, 1006, 5, 50000, 'EUR', 'top_up', NULL, '01a200da-8e8e-7abf-80e6-3199548a8fe0', '2026-11-21 10:00:00+00'),
	(1002, '102646f3-f943-8314-81f5-79774ae0a22e', 2, 1001, 7, 904, 'EUR', 'capture', '01a200da-8ea9-7347-9d58-244cd37db5b1', NULL, '2026-11-21 11:45:00+00'),
	(1002, 'a6420448-0556-8192-b4c7-0e27f89b3f93', 2, 1001, 8, 200, 'EUR', 'capture', '01a200da-8ea9-7347-9d58-244cd37db5b1', NULL, '2026-11-21 11:45:00+00'),
	(1002, '92250273-e9fb-8bc8-aa72-0d2475f8c884', 2, 1, 6, 96, 'EUR', 'capture', '01a200da-8ea9-7347-9d58-244cd37db5b1', NULL, '2026-11-21 11:45:00+00'),
	(1003, 'f3facb43-1852-89c1-83d1-8ae1f6e04ea3', 3, 1001, 7, 3616, 'EUR', 'capture', '01a200da-8eab-7b44-9245-54d99678ea52', NULL, '2026-11-21 11:45:00+00'),
	(1003, 'a8ad6493-0dfd-8a58-b0da-2a252c39ee46', 3, 1001, 8, 800, 'EUR', 'capture', '01a200da-8eab-7b44-9245-54d99678ea52', NULL, '2026-11-21 11:45:00+00'),
	(1003, 'aed36b81-0c2b-8920-92ef-abf911e2c54d', 3, 1, 6, 384, 'EUR', 'capture', '01a200da-8eab-7b44-9245-54d99678ea52', NULL, '2026-11-21 11:45:00+00'),
	(1003, 'f948ad33-780b-8f07-bd92-36f7b45451da', 3, 1001, 7, 3616, 'EUR', 'capture', '01a200da-8eae-73d7-ad3e-0b4f2b810205', NULL, '2026-11-21 11:45:00+00'),
	(1003, '5884c961-c203-8412-97fb-0abc78dacb47', 3, 1001, 8, 800, 'EUR', 'capture', '01a200da-8eae-73d7-ad3e-0b4f2b810205', NULL, '2026-11-21 11:45:00+00'),
	(1003, 'b74f8627-53c7-88c5-ada6-8eb61f226f1e', 3, 1, 6, 384, 'EUR', 'capture', '01a200da-8eae-73d7-ad3e-0b4f2b810205', NULL, '2026-11-21 11:45:00+00'),
	(1001, '532c24c3-a90e-8f28-bd74-dd49fba78071', 7, 1003, 3, 3616, 'EUR', 'refund', '01a200da-8eae-73d7-ad3e-0b4f2b810205', NULL, '2026-11-21 11:45:00+00'),
	(1001, '48728db3-a542-8963-a3f1-4ad62025bb17', 8, 1003, 3, 800, 'EUR', 'refund', '01a200da-8eae-73d7-ad3e-0b4f2b810205', NULL, '2026-11-21 11:45:00+00'),
	(1, 'e97f5859-26e0-8194-b6a6-98c2706956ed', 6, 1003, 3, 384, 'EUR', 'refund', '01a200da-8eae-73d7-ad3e-0b4f2b810205', NULL, '2026-11-21 11:45:00+00'),
	(1003, 'a3f93265-d9f8-86b3-837a-b294cb7da164', 3, 1001, 7, 3616, 'EUR', 'capture', '01a200da-8eb0-7072-9d4a-f10427be3dee', NULL, '2026-11-21 11:45:00+00'),
	(1003, 'c3306226-bfea-8122-b97e-2ea44e7e16e1', 3, 1001, 8, 800, 'EUR', 'capture', '01a200da-8eb0-7072-9d4a-f10427be3dee', NULL, '2026-11-21 11:45:00+00'),
	(1003, 'f4e6d1c5-de16-875c-80ff-36e01598a72b', 3, 1, 6, 384, 'EUR', 'capture', '01a200da-8eb0-7072-9d4a-f10427be3dee', NULL, '2026-11-21 11:45:00+00');
SELECT pg_catalog.setval('catalog.variant_variant_id_seq', 6, true);
SELECT pg_catalog.setval('identity.mailbox_mail_id_seq', 1, false);
SELECT pg_catalog.setval('identity.party_party_id_seq', 1006, true);
SELECT pg_catalog.setval('inventory.location_location_id_seq', 4, true);
SELECT pg_catalog.setval('inventory.movement_movement_id_seq', 53, true);
SELECT pg_catalog.setval('kernel.outbox_seq_seq', 44, true);
SELECT pg_catalog.setval('places.place_place_id_seq', 2, true);
SELECT pg_catalog.setval('places.sample_sample_id_seq', 1, false);
SELECT pg_catalog.setval('places.touchpoint_touchpoint_id_seq', 2, true);
SELECT pg_catalog.setval('pricing.price_list_price_list_id_seq', 2, true);
SELECT pg_catalog.setval('promises.lane_lane_id_seq', 4, true);
SELECT pg_catalog.setval('wallet.account_account_id_seq', 8, true);
