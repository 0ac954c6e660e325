-- Foreign keys among the tables of the sample, with what Odoo lets happen on a delete, and indexes.

ALTER TABLE product_template
    ADD FOREIGN KEY (categ_id) REFERENCES product_category (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (uom_id) REFERENCES uom_uom (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (company_id) REFERENCES res_company (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (create_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (write_uid) REFERENCES res_users (id) ON DELETE SET NULL;

ALTER TABLE product_product
    ADD FOREIGN KEY (product_tmpl_id) REFERENCES product_template (id) ON DELETE CASCADE,
    ADD FOREIGN KEY (create_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (write_uid) REFERENCES res_users (id) ON DELETE SET NULL;

ALTER TABLE stock_quant
    ADD FOREIGN KEY (product_id) REFERENCES product_product (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (company_id) REFERENCES res_company (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (location_id) REFERENCES stock_location (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (owner_id) REFERENCES res_partner (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (user_id) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (create_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (write_uid) REFERENCES res_users (id) ON DELETE SET NULL;

ALTER TABLE sale_order
    ADD FOREIGN KEY (company_id) REFERENCES res_company (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (partner_id) REFERENCES res_partner (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (journal_id) REFERENCES account_journal (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (partner_invoice_id) REFERENCES res_partner (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (partner_shipping_id) REFERENCES res_partner (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (currency_id) REFERENCES res_currency (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (user_id) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (create_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (write_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (warehouse_id) REFERENCES stock_warehouse (id) ON DELETE SET NULL;

ALTER TABLE sale_order_line
    ADD FOREIGN KEY (order_id) REFERENCES sale_order (id) ON DELETE CASCADE,
    ADD FOREIGN KEY (company_id) REFERENCES res_company (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (currency_id) REFERENCES res_currency (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (order_partner_id) REFERENCES res_partner (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (salesman_id) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (product_id) REFERENCES product_product (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (product_uom_id) REFERENCES uom_uom (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (linked_line_id) REFERENCES sale_order_line (id) ON DELETE CASCADE,
    ADD FOREIGN KEY (create_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (write_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (warehouse_id) REFERENCES stock_warehouse (id) ON DELETE SET NULL;

ALTER TABLE stock_picking
    ADD FOREIGN KEY (backorder_id) REFERENCES stock_picking (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (return_id) REFERENCES stock_picking (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (location_id) REFERENCES stock_location (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (location_dest_id) REFERENCES stock_location (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (picking_type_id) REFERENCES stock_picking_type (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (partner_id) REFERENCES res_partner (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (company_id) REFERENCES res_company (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (user_id) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (owner_id) REFERENCES res_partner (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (create_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (write_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (sale_id) REFERENCES sale_order (id) ON DELETE SET NULL;

ALTER TABLE stock_move
    ADD FOREIGN KEY (company_id) REFERENCES res_company (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (product_id) REFERENCES product_product (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (product_uom) REFERENCES uom_uom (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (location_id) REFERENCES stock_location (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (location_dest_id) REFERENCES stock_location (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (location_final_id) REFERENCES stock_location (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (partner_id) REFERENCES res_partner (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (picking_id) REFERENCES stock_picking (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (picking_type_id) REFERENCES stock_picking_type (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (origin_returned_move_id) REFERENCES stock_move (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (restrict_partner_id) REFERENCES res_partner (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (warehouse_id) REFERENCES stock_warehouse (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (packaging_uom_id) REFERENCES uom_uom (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (create_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (write_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (account_move_id) REFERENCES account_move (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (sale_line_id) REFERENCES sale_order_line (id) ON DELETE SET NULL;

ALTER TABLE stock_move_line
    ADD FOREIGN KEY (picking_id) REFERENCES stock_picking (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (move_id) REFERENCES stock_move (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (company_id) REFERENCES res_company (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (product_id) REFERENCES product_product (id) ON DELETE CASCADE,
    ADD FOREIGN KEY (product_uom_id) REFERENCES uom_uom (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (owner_id) REFERENCES res_partner (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (location_id) REFERENCES stock_location (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (location_dest_id) REFERENCES stock_location (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (create_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (write_uid) REFERENCES res_users (id) ON DELETE SET NULL;

ALTER TABLE res_partner
    ADD FOREIGN KEY (company_id) REFERENCES res_company (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (parent_id) REFERENCES res_partner (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (user_id) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (country_id) REFERENCES res_country (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (commercial_partner_id) REFERENCES res_partner (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (create_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (write_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (buyer_id) REFERENCES res_users (id) ON DELETE SET NULL;

ALTER TABLE account_move
    ADD FOREIGN KEY (journal_id) REFERENCES account_journal (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (company_id) REFERENCES res_company (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (tax_cash_basis_origin_move_id) REFERENCES account_move (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (auto_post_origin_id) REFERENCES account_move (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (partner_id) REFERENCES res_partner (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (commercial_partner_id) REFERENCES res_partner (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (partner_shipping_id) REFERENCES res_partner (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (currency_id) REFERENCES res_currency (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (reversed_entry_id) REFERENCES account_move (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (invoice_user_id) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (create_uid) REFERENCES res_users (id) ON DELETE SET NULL,
    ADD FOREIGN KEY (write_uid) REFERENCES res_users (id) ON DELETE SET NULL;

-- What the sample's own statements look records up by.
CREATE INDEX ON product_product (product_tmpl_id);
CREATE INDEX ON sale_order (state);
CREATE INDEX ON sale_order_line (order_id);
CREATE INDEX ON sale_order_line (product_id);
CREATE INDEX ON stock_picking (sale_id);
CREATE INDEX ON stock_move (picking_id);
CREATE INDEX ON stock_move (sale_line_id);
CREATE INDEX ON stock_move_line (move_id);
CREATE INDEX ON stock_move_line (picking_id);
CREATE INDEX ON stock_quant (product_id, location_id);
CREATE UNIQUE INDEX ON stock_picking (name, company_id);
