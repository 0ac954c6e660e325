-- A small wholesaler of tools and garden goods: one company, one warehouse, some dozens of products and contacts.

INSERT INTO ir_config_parameter (key, value, create_uid, write_uid, create_date, write_date)
SELECT key, value, 1, 1, now(), now()
FROM (VALUES ('database.uuid', gen_random_uuid()::text), ('database.create_date', now()::timestamp(0)::text),
    ('web.base.url', 'http://localhost:8069'), ('odoo_relay.sample', 'true')) AS parameter (key, value);

INSERT INTO ir_module_module (name, state, latest_version)
SELECT name, 'installed', '19.0.1.0' FROM unnest(ARRAY['base', 'product', 'account', 'stock', 'sale', 'sale_stock', 'purchase']) AS name;

INSERT INTO res_lang (name, code, iso_code, url_code, active) VALUES
    ('English (US)', 'en_US', 'en', 'en', true), ('French / Français', 'fr_FR', 'fr', 'fr', true);
INSERT INTO res_currency (name, symbol, decimal_places, rounding, active) VALUES
    ('USD', '$', 2, 0.01, true), ('EUR', '€', 2, 0.01, true), ('JPY', '¥', 0, 1, false);
INSERT INTO res_country (code, name, currency_id) VALUES
    ('US', '{"en_US": "United States", "fr_FR": "États-Unis"}', 1), ('FR', '{"en_US": "France"}', 2),
    ('DE', '{"en_US": "Germany", "fr_FR": "Allemagne"}', 2), ('JP', '{"en_US": "Japan", "fr_FR": "Japon"}', 3);

INSERT INTO res_partner (
    name, complete_name, is_company, street, zip, city, country_id, email, email_normalized, phone, ref, type, lang,
    active, employee, partner_share, color, message_bounce, supplier_rank, customer_rank, autopost_bills, group_rfq,
    group_on, suggest_days, suggest_percent, suggest_based_on, create_uid, write_uid, create_date, write_date
)
SELECT
    name, name, is_company, street, zip, city, country, email, email, phone, ref, 'contact', lang,
    true, employee, NOT employee, 0, 0, 0, CASE WHEN employee THEN 0 ELSE 1 END, 'ask', 'default',
    'default', 7, 100, '30_days', 1, 1, now(), now()
FROM (VALUES
    ('Harrow & Sons Wholesale', true, true, '1 Dock Road', '04101', 'Portland', 1, 'office@harrow.example', '+1 207 555 0100', NULL, 'en_US'),
    ('System', false, true, NULL, NULL, NULL, 1, 'system@harrow.example', NULL, NULL, 'en_US'),
    ('Nora Whitfield', false, true, NULL, NULL, NULL, 1, 'nora@harrow.example', '+1 207 555 0101', NULL, 'en_US'),
    ('Bluebell Garden Centre', true, false, '12 Mill Lane', '05401', 'Burlington', 1, 'orders@bluebell.example', '+1 802 555 0111', 'C001', 'en_US'),
    ('Quincaillerie Dupré', true, false, '8 rue du Marché', '69001', 'Lyon', 2, 'achats@dupre.example', '+33 4 55 00 01 12', 'C002', 'fr_FR'),
    ('Atelier Rivière', true, false, '3 quai Sud', '33000', 'Bordeaux', 2, 'bonjour@riviere.example', '+33 5 55 00 01 13', 'C003', 'fr_FR'),
    ('Schreinerei Groß', true, false, 'Am Anger 4', '99084', 'Erfurt', 3, 'info@gross.example', '+49 361 5550114', 'C004', 'en_US'),
    ('山田工務店', true, false, '神田 2-3', '101-0044', 'Tokyo', 4, 'yamada@koumuten.example', '+81 3 5550 0115', 'C005', 'en_US'),
    ('Cedar Street School', true, false, '77 Cedar Street', '03801', 'Portsmouth', 1, 'stores@cedar.example', NULL, 'C006', 'en_US'),
    ('O''Leary Landscapes', true, false, '5 Quarry Hill', '02139', 'Cambridge', 1, 'pat@oleary.example', '+1 617 555 0117', 'C007', 'en_US'),
    ('Pine Point Marina', true, false, 'Pier 6', '04074', 'Scarborough', 1, 'dock@pinepoint.example', '+1 207 555 0118', 'C008', 'en_US'),
    ('Maison "Les Tilleuls"', true, false, '21 allée des Tilleuls', '67000', 'Strasbourg', 2, 'jardin@tilleuls.example', NULL, 'C009', 'fr_FR'),
    ('Nordhafen Bau GmbH', true, false, 'Kai 17', '24103', 'Kiel', 3, 'einkauf@nordhafen.example', '+49 431 5550120', 'C010', 'en_US'),
    ('Teller & Tapp', true, false, '300 Canal Street', '12207', 'Albany', 1, 'buy@tellertapp.example', '+1 518 555 0121', 'C011', 'en_US'),
    ('Lena Brandt', false, false, 'Lindenweg 9', '50667', 'Köln', 3, 'lena@brandt.example', NULL, 'C012', 'en_US'),
    ('Ruth Okafor', false, false, '14 Elm Court', '06510', 'New Haven', 1, 'ruth@okafor.example', '+1 203 555 0123', 'C013', 'en_US'),
    ('Émile Laurent', false, false, '2 place Haute', '13002', 'Marseille', 2, 'emile@laurent.example', NULL, 'C014', 'fr_FR'),
    ('Hollow Oak Farm', true, false, 'Route 9', '05201', 'Bennington', 1, 'farm@hollowoak.example', '+1 802 555 0125', 'C015', 'en_US'),
    ('Brightwater Hotel', true, false, '1 Beach Road', '02554', 'Nantucket', 1, 'purchasing@brightwater.example', '+1 508 555 0126', 'C016', 'en_US'),
    ('Carver Theatre Workshop', true, false, '66 Stage Street', '02903', 'Providence', 1, 'props@carver.example', NULL, 'C017', 'en_US')
) AS contact (name, is_company, employee, street, zip, city, country, email, phone, ref, lang);
UPDATE res_partner SET commercial_partner_id = id;

INSERT INTO res_company (name, partner_id, currency_id, sequence, active, create_date, write_date)
VALUES ('Harrow & Sons Wholesale', 1, 1, 10, true, now(), now());
INSERT INTO res_users (company_id, partner_id, active, login, share, notification_type, create_date, write_date) VALUES
    (1, 2, false, '__system__', false, 'email', now(), now()), (1, 3, true, 'nora', false, 'email', now(), now());

INSERT INTO uom_uom (name, relative_factor, factor, active) VALUES
    ('{"en_US": "Units", "fr_FR": "Unités"}', 1, 1, true), ('{"en_US": "kg"}', 1, 1, true);
INSERT INTO product_category (parent_id, name, complete_name, parent_path) VALUES
    (NULL, 'Goods', 'Goods', '1/'), (1, 'Hand tools', 'Goods / Hand tools', '1/2/'),
    (1, 'Garden', 'Goods / Garden', '1/3/'), (1, 'Fixings', 'Goods / Fixings', '1/4/');
INSERT INTO stock_location (location_id, company_id, name, complete_name, usage, parent_path, active) VALUES
    (NULL, NULL, 'Partners', 'Partners', 'view', '1/', true),
    (1, NULL, 'Customers', 'Partners/Customers', 'customer', '1/2/', true),
    (1, NULL, 'Vendors', 'Partners/Vendors', 'supplier', '1/3/', true),
    (NULL, 1, 'Inventory adjustment', 'Virtual/Inventory adjustment', 'inventory', '4/', true),
    (NULL, 1, 'WH', 'WH', 'view', '5/', true),
    (5, 1, 'Stock', 'WH/Stock', 'internal', '5/6/', true),
    (6, 1, 'Shelf A', 'WH/Stock/Shelf A', 'internal', '5/6/7/', true),
    (6, 1, 'Shelf B', 'WH/Stock/Shelf B', 'internal', '5/6/8/', true),
    (6, 1, 'Yard', 'WH/Stock/Yard', 'internal', '5/6/9/', true);
INSERT INTO stock_warehouse (company_id, partner_id, view_location_id, lot_stock_id, name, code, reception_steps, delivery_steps, active)
VALUES (1, 1, 5, 6, 'Dock Road', 'WH', 'one_step', 'ship_only', true);
INSERT INTO stock_picking_type (default_location_src_id, default_location_dest_id, warehouse_id, company_id, sequence_code, code, name, active) VALUES
    (3, 6, 1, 1, 'IN', 'incoming', '{"en_US": "Receipts", "fr_FR": "Réceptions"}', true),
    (6, 2, 1, 1, 'OUT', 'outgoing', '{"en_US": "Delivery Orders", "fr_FR": "Bons de livraison"}', true);
INSERT INTO account_journal (company_id, currency_id, code, type, name, active)
VALUES (1, NULL, 'INV', 'sale', '{"en_US": "Customer Invoices", "fr_FR": "Factures clients"}', true);

WITH product (code, english, french, category, price, weight) AS (VALUES
    ('HT-001', 'Claw hammer 16 oz', 'Marteau arrache-clou', 2, 24.90, 0.82), ('HT-002', 'Rubber mallet', 'Maillet en caoutchouc', 2, 17.50, 0.64),
    ('HT-003', 'Ball-peen hammer', NULL, 2, 21.00, 0.71), ('HT-004', 'Cross-cut saw 22"', 'Scie à tronçonner', 2, 32.75, 0.9),
    ('HT-005', 'Tenon saw', 'Scie à dos', 2, 29.99, 0.55), ('HT-006', 'Coping saw', NULL, 2, 14.25, 0.3),
    ('HT-007', 'Block plane', 'Rabot', 2, 54.00, 0.7), ('HT-008', 'Chisel set <6 pieces>', 'Ciseaux à bois (6)', 2, 89.00, 1.4),
    ('HT-009', 'Try square & rule', 'Équerre', 2, 18.40, 0.25), ('HT-010', 'Spirit level 60 cm', 'Niveau à bulle', 2, 26.60, 0.6),
    ('HT-011', 'Tape measure 8 m', 'Mètre ruban', 2, 12.95, 0.3), ('HT-012', 'Combination pliers', 'Pince universelle', 2, 19.80, 0.28),
    ('HT-013', 'Adjustable wrench 10"', 'Clé à molette', 2, 23.10, 0.5), ('HT-014', 'Hex key set', NULL, 2, 11.45, 0.2),
    ('HT-015', 'Screwdriver PH2', 'Tournevis PH2', 2, 7.20, 0.1), ('HT-016', 'Utility knife', 'Cutter', 2, 8.90, 0.12),
    ('GA-001', 'Digging spade', 'Bêche', 3, 38.00, 2.1), ('GA-002', 'Garden fork', 'Fourche-bêche', 3, 36.50, 1.9),
    ('GA-003', 'Leaf rake', 'Râteau à feuilles', 3, 22.00, 0.8), ('GA-004', 'Secateurs', 'Sécateur', 3, 27.30, 0.24),
    ('GA-005', 'Hedge shears', 'Cisaille à haies', 3, 41.15, 1.1), ('GA-006', 'Watering can 10 l', 'Arrosoir 10 l', 3, 19.95, 1.0),
    ('GA-007', 'Wheelbarrow 90 l', 'Brouette 90 l', 3, 119.00, 13.5), ('GA-008', 'Hose 25 m', 'Tuyau 25 m', 3, 45.00, 3.2),
    ('GA-009', 'Terracotta pot 30 cm', 'Pot en terre cuite', 3, 15.60, 4.1), ('GA-010', 'Bird bath', NULL, 3, 64.00, 9.8),
    ('GA-011', 'Seed tray', 'Plateau à semis', 3, 3.25, 0.15), ('GA-012', 'Twine 100 m', 'Ficelle 100 m', 3, 4.80, 0.3),
    ('FX-001', 'Wood screw 4x40 (200)', 'Vis à bois 4x40 (200)', 4, 9.35, 0.6), ('FX-002', 'Wood screw 5x60 (100)', 'Vis à bois 5x60 (100)', 4, 10.15, 0.9),
    ('FX-003', 'Coach bolt M8', 'Boulon M8', 4, 0.85, 0.05), ('FX-004', 'Wall plug 8 mm (100)', 'Chevilles 8 mm (100)', 4, 6.40, 0.2),
    ('FX-005', 'Butt hinge', 'Charnière', 4, 3.95, 0.11), ('FX-006', 'Hasp & staple', NULL, 4, 7.75, 0.2),
    ('FX-007', 'Padlock 40 mm', 'Cadenas 40 mm', 4, 13.20, 0.22), ('FX-008', 'Angle bracket', 'Équerre de fixation', 4, 1.15, 0.06),
    ('FX-009', 'Round nails 65 mm (1 kg)', 'Pointes 65 mm (1 kg)', 4, 5.55, 1.0), ('FX-010', 'Threaded rod M10', 'Tige filetée M10', 4, 4.10, 0.5),
    ('FX-011', 'Wood glue 750 ml', 'Colle à bois 750 ml', 4, 12.60, 0.85), ('FX-012', 'Masking tape', NULL, 4, 2.95, 0.08)
)
INSERT INTO product_template (
    name, default_code, categ_id, list_price, weight, volume, uom_id, type, service_tracking, tracking, is_storable,
    sale_ok, purchase_ok, active, can_image_1024_be_zoomed, has_configurable_attributes, is_favorite, lot_valuated,
    sequence, sale_delay, purchase_method, service_type, expense_policy, invoice_policy,
    create_uid, write_uid, create_date, write_date
)
SELECT
    jsonb_strip_nulls(jsonb_build_object('en_US', english, 'fr_FR', french)), code, category, price, weight, 0.00, 1,
    'consu', 'no', 'none', true, true, true, true, false, false, false, false, 1, 0, 'receive', 'manual', 'no', 'order',
    2, 2, now(), now()
FROM product ORDER BY code;

INSERT INTO product_product (
    product_tmpl_id, default_code, combination_indices, standard_price, active, can_image_variant_1024_be_zoomed,
    is_favorite, create_uid, write_uid, create_date, write_date
)
SELECT id, default_code, '', jsonb_build_object('1', round(list_price * 0.55, 2)), true, false, false, 2, 2, now(), now()
FROM product_template ORDER BY id;

INSERT INTO stock_quant (
    product_id, company_id, location_id, quantity, reserved_quantity, inventory_diff_quantity, inventory_quantity_set,
    in_date, create_uid, write_uid, create_date, write_date
)
SELECT product.id, 1, location, 200 + product.id * 7 % 90 + location, 0.00, 0.00, false, now(), 2, 2, now(), now()
FROM product_product AS product, unnest(ARRAY[7, 8, 9]) AS location
ORDER BY product.id, location;
