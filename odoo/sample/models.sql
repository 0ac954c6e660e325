-- Odoo's own description of its models. Each field: name, type, for relations the model (and its field that points
-- back), `=` how it is translated, `per-company` where the column holds a value by company id.
INSERT INTO ir_model (model, name, "order", state, abstract, transient, create_uid, write_uid, create_date, write_date)
SELECT model, jsonb_build_object('en_US', label), 'id', 'base', false, false, 1, 1, now(), now()
FROM (VALUES
    ('product.template', 'Product'), ('product.product', 'Product Variant'), ('stock.quant', 'Quants'),
    ('sale.order', 'Sales Order'), ('sale.order.line', 'Sales Order Line'), ('stock.picking', 'Transfer'),
    ('stock.move', 'Stock Move'), ('stock.move.line', 'Product Moves'), ('res.partner', 'Contact'),
    ('account.move', 'Journal Entry')
) AS models (model, label);

WITH described (model, fields) AS (VALUES
('product.template', '
    id integer; sequence integer; categ_id many2one product.category; uom_id many2one uom.uom;
    company_id many2one res.company; color integer; create_uid many2one res.users;
    write_uid many2one res.users; type selection; service_tracking selection; default_code char;
    name char =standard; description html =html_translate; description_purchase text =standard;
    description_sale text =standard; product_properties properties; list_price float; volume float;
    weight float; sale_ok boolean; purchase_ok boolean; active boolean; can_image_1024_be_zoomed boolean;
    has_configurable_attributes boolean; is_favorite boolean; create_date datetime; write_date datetime;
    property_account_income_id many2one account.account per-company;
    property_account_expense_id many2one account.account per-company; sale_delay integer;
    lot_sequence_id many2one ir.sequence; tracking selection; responsible_id many2one res.users per-company;
    property_stock_production many2one stock.location per-company;
    property_stock_inventory many2one stock.location per-company; description_picking text =standard;
    description_pickingout text =standard; description_pickingin text =standard; is_storable boolean;
    purchase_method selection; purchase_line_warn_msg text;
    property_price_difference_account_id many2one account.account per-company; lot_valuated boolean;
    service_type selection; expense_policy selection; invoice_policy selection; sale_line_warn_msg text;
    service_to_purchase boolean per-company; product_variant_ids one2many product.product/product_tmpl_id'),
('product.product', '
    id integer; product_tmpl_id many2one product.template; create_uid many2one res.users;
    write_uid many2one res.users; default_code char; barcode char; combination_indices char;
    standard_price float per-company; volume float; weight float; active boolean;
    can_image_variant_1024_be_zoomed boolean; is_favorite boolean; is_in_selected_section_of_order boolean;
    write_date datetime; create_date datetime; lot_properties_definition properties_definition;
    stock_move_ids one2many stock.move/product_id; stock_quant_ids one2many stock.quant/product_id'),
('stock.quant', '
    id integer; product_id many2one product.product; company_id many2one res.company;
    location_id many2one stock.location; lot_id many2one stock.lot; package_id many2one stock.package;
    owner_id many2one res.partner; user_id many2one res.users; create_uid many2one res.users;
    write_uid many2one res.users; inventory_date date; quantity float; reserved_quantity float;
    inventory_quantity float; inventory_diff_quantity float; inventory_quantity_set boolean;
    in_date datetime; create_date datetime; write_date datetime; accounting_date date'),
('sale.order', '
    id integer; campaign_id many2one utm.campaign; source_id many2one utm.source;
    medium_id many2one utm.medium; company_id many2one res.company; partner_id many2one res.partner;
    pending_email_template_id many2one mail.template; journal_id many2one account.journal;
    partner_invoice_id many2one res.partner; partner_shipping_id many2one res.partner;
    fiscal_position_id many2one account.fiscal.position; payment_term_id many2one account.payment.term;
    preferred_payment_method_line_id many2one account.payment.method.line;
    pricelist_id many2one product.pricelist; currency_id many2one res.currency; user_id many2one res.users;
    team_id many2one crm.team; create_uid many2one res.users; write_uid many2one res.users;
    access_token char; name char; state selection; client_order_ref char; origin char; reference char;
    signed_by char; invoice_status selection; validity_date date; note html; currency_rate float;
    amount_untaxed monetary; amount_tax monetary; amount_total monetary; locked boolean;
    require_signature boolean; require_payment boolean; create_date datetime; commitment_date datetime;
    date_order datetime; signed_on datetime; write_date datetime; prepayment_percent float;
    sale_order_template_id many2one sale.order.template; incoterm many2one account.incoterms;
    warehouse_id many2one stock.warehouse; incoterm_location char; picking_policy selection;
    delivery_status selection; effective_date datetime; customizable_pdf_form_fields json;
    order_line one2many sale.order.line/order_id; picking_ids one2many stock.picking/sale_id'),
('sale.order.line', '
    id integer; order_id many2one sale.order; sequence integer; company_id many2one res.company;
    currency_id many2one res.currency; order_partner_id many2one res.partner;
    salesman_id many2one res.users; product_id many2one product.product; product_uom_id many2one uom.uom;
    linked_line_id many2one sale.order.line; combo_item_id many2one product.combo.item;
    create_uid many2one res.users; write_uid many2one res.users; state selection; display_type selection;
    virtual_id char; linked_virtual_id char; qty_delivered_method selection; invoice_status selection;
    analytic_distribution json; extra_tax_data json; name text; product_uom_qty float; price_unit float;
    discount float; price_subtotal monetary; price_total monetary; price_reduce_taxexcl monetary;
    price_reduce_taxinc monetary; qty_delivered float; qty_invoiced float; qty_to_invoice float;
    untaxed_amount_invoiced monetary; untaxed_amount_to_invoice monetary; is_downpayment boolean;
    is_expense boolean; collapse_prices boolean; collapse_composition boolean; create_date datetime;
    write_date datetime; technical_price_unit float; price_tax float; customer_lead float;
    is_optional boolean; warehouse_id many2one stock.warehouse;
    linked_line_ids one2many sale.order.line/linked_line_id; move_ids one2many stock.move/sale_line_id'),
('stock.picking', '
    id integer; backorder_id many2one stock.picking; return_id many2one stock.picking;
    location_id many2one stock.location; location_dest_id many2one stock.location;
    picking_type_id many2one stock.picking.type; partner_id many2one res.partner;
    company_id many2one res.company; user_id many2one res.users; owner_id many2one res.partner;
    create_uid many2one res.users; write_uid many2one res.users; name char; origin char;
    move_type selection; state selection; priority selection; picking_properties properties; note html;
    shipping_weight float; has_deadline_issue boolean; printed boolean; is_locked boolean;
    scheduled_date datetime; date_deadline datetime; date_done datetime; create_date datetime;
    write_date datetime; sale_id many2one sale.order; backorder_ids one2many stock.picking/backorder_id;
    move_ids one2many stock.move/picking_id; move_line_ids one2many stock.move.line/picking_id;
    return_ids one2many stock.picking/return_id'),
('stock.move', '
    id integer; sequence integer; company_id many2one res.company; product_id many2one product.product;
    product_uom many2one uom.uom; location_id many2one stock.location;
    location_dest_id many2one stock.location; location_final_id many2one stock.location;
    partner_id many2one res.partner; picking_id many2one stock.picking; scrap_id many2one stock.scrap;
    rule_id many2one stock.rule; picking_type_id many2one stock.picking.type;
    origin_returned_move_id many2one stock.move; restrict_partner_id many2one res.partner;
    warehouse_id many2one stock.warehouse; next_serial_count integer;
    orderpoint_id many2one stock.warehouse.orderpoint; packaging_uom_id many2one uom.uom;
    create_uid many2one res.users; write_uid many2one res.users; priority selection; state selection;
    origin char; procure_method selection; inventory_name char; reference char; next_serial char;
    reservation_date date; description_picking_manual text; product_qty float; product_uom_qty float;
    quantity float; picked boolean; propagate_cancel boolean; is_inventory boolean; additional boolean;
    date datetime; date_deadline datetime; delay_alert_date datetime; create_date datetime;
    write_date datetime; price_unit float; packaging_uom_qty float; account_move_id many2one account.move;
    value monetary; to_refund boolean; is_in boolean; is_out boolean; is_dropship boolean;
    purchase_line_id many2one purchase.order.line; sale_line_id many2one sale.order.line;
    move_line_ids one2many stock.move.line/move_id;
    returned_move_ids one2many stock.move/origin_returned_move_id'),
('stock.move.line', '
    id integer; picking_id many2one stock.picking; move_id many2one stock.move;
    company_id many2one res.company; product_id many2one product.product; product_uom_id many2one uom.uom;
    package_id many2one stock.package; lot_id many2one stock.lot; result_package_id many2one stock.package;
    package_history_id many2one stock.package.history; owner_id many2one res.partner;
    location_id many2one stock.location; location_dest_id many2one stock.location;
    create_uid many2one res.users; write_uid many2one res.users; lot_name char; state selection;
    quantity float; quantity_product_uom float; picked boolean; is_entire_pack boolean; date datetime;
    create_date datetime; write_date datetime'),
('res.partner', '
    id integer; company_id many2one res.company; create_date datetime; name char;
    parent_id many2one res.partner; user_id many2one res.users; state_id many2one res.country.state;
    country_id many2one res.country; industry_id many2one res.partner.industry; color integer;
    commercial_partner_id many2one res.partner; create_uid many2one res.users; write_uid many2one res.users;
    complete_name char; ref char; lang selection; tz selection; vat char; company_registry char;
    website char; function char; type selection; street char; street2 char; zip char; city char; email char;
    phone char; commercial_company_name char; company_name char; properties properties;
    barcode char per-company; comment html; partner_latitude float; partner_longitude float; active boolean;
    employee boolean; is_company boolean; partner_share boolean; write_date datetime;
    message_bounce integer; email_normalized char; signup_type char; phone_sanitized char;
    specific_property_product_pricelist many2one product.pricelist per-company;
    invoice_template_pdf_report_id many2one ir.actions.report; supplier_rank integer; customer_rank integer;
    autopost_bills selection; credit_limit float per-company;
    property_account_payable_id many2one account.account per-company;
    property_account_receivable_id many2one account.account per-company;
    property_account_position_id many2one account.fiscal.position per-company;
    property_payment_term_id many2one account.payment.term per-company;
    property_supplier_payment_term_id many2one account.payment.term per-company;
    trust selection per-company; ignore_abnormal_invoice_date boolean per-company;
    ignore_abnormal_invoice_amount boolean per-company; invoice_sending_method selection per-company;
    invoice_edi_format_store char per-company;
    property_outbound_payment_method_line_id many2one account.payment.method.line per-company;
    property_inbound_payment_method_line_id many2one account.payment.method.line per-company;
    property_stock_customer many2one stock.location per-company;
    property_stock_supplier many2one stock.location per-company; picking_warn_msg text;
    global_location_number char; peppol_endpoint char; peppol_eas selection; buyer_id many2one res.users;
    property_purchase_currency_id many2one res.currency per-company;
    receipt_reminder_email boolean per-company; reminder_date_before_receipt integer per-company;
    purchase_warn_msg text; suggest_days integer; suggest_percent integer; suggest_based_on char;
    group_rfq selection; group_on selection; sale_warn_msg text; child_ids one2many res.partner/parent_id;
    invoice_ids one2many account.move/partner_id; sale_order_ids one2many sale.order/partner_id'),
('account.move', '
    id integer; sequence_number integer; message_main_attachment_id many2one ir.attachment;
    journal_id many2one account.journal; company_id many2one res.company;
    origin_payment_id many2one account.payment; statement_line_id many2one account.bank.statement.line;
    tax_cash_basis_rec_id many2one account.partial.reconcile;
    tax_cash_basis_origin_move_id many2one account.move; auto_post_origin_id many2one account.move;
    secure_sequence_number integer; invoice_payment_term_id many2one account.payment.term;
    partner_id many2one res.partner; commercial_partner_id many2one res.partner;
    partner_shipping_id many2one res.partner; partner_bank_id many2one res.partner.bank;
    fiscal_position_id many2one account.fiscal.position;
    preferred_payment_method_line_id many2one account.payment.method.line;
    currency_id many2one res.currency; reversed_entry_id many2one account.move;
    invoice_user_id many2one res.users; invoice_incoterm_id many2one account.incoterms;
    invoice_cash_rounding_id many2one account.cash.rounding; create_uid many2one res.users;
    write_uid many2one res.users; sequence_prefix char; access_token char; name char; ref char;
    state selection; move_type selection; auto_post selection; inalterable_hash char;
    payment_reference char; qr_code_method selection; payment_state selection; invoice_source_email char;
    invoice_partner_display_name char; invoice_origin char; incoterm_location char; date date;
    auto_post_until date; invoice_date date; invoice_date_due date; delivery_date date;
    taxable_supply_date date; sending_data json; narration html; invoice_currency_rate float;
    amount_untaxed monetary; amount_tax monetary; amount_total monetary; amount_residual monetary;
    amount_untaxed_signed monetary; amount_untaxed_in_currency_signed monetary; amount_tax_signed monetary;
    amount_total_signed monetary; amount_total_in_currency_signed monetary; amount_residual_signed monetary;
    quick_edit_total_amount monetary; always_tax_exigible boolean; checked boolean; posted_before boolean;
    made_sequence_gap boolean; is_manually_modified boolean; is_move_sent boolean; create_date datetime;
    write_date datetime; campaign_id many2one utm.campaign; source_id many2one utm.source;
    medium_id many2one utm.medium; team_id many2one crm.team;
    reversal_move_ids one2many account.move/reversed_entry_id;
    stock_move_ids one2many stock.move/account_move_id;
    tax_cash_basis_created_move_ids one2many account.move/tax_cash_basis_origin_move_id')
), field AS (
    SELECT model, position, regexp_split_to_array(btrim(text, E' \n'), '\s+') AS words
    FROM described, regexp_split_to_table(btrim(fields, E' \n'), ';\s*') WITH ORDINALITY AS listed (text, position)
)
INSERT INTO ir_model_fields (
    model_id, model, name, field_description, ttype, relation, relation_field, translate, company_dependent,
    store, state, required, readonly, copied, create_uid, write_uid, create_date, write_date
)
SELECT
    ir_model.id, field.model, words[1],
    jsonb_build_object('en_US', initcap(replace(words[1], '_', ' '))), words[2],
    CASE WHEN words[2] IN ('many2one', 'one2many') THEN split_part(words[3], '/', 1) END,
    CASE WHEN words[2] = 'one2many' THEN split_part(words[3], '/', 2) END,
    (SELECT substr(word, 2) FROM unnest(words) AS word WHERE word LIKE '=%'),
    'per-company' = ANY (words), true, 'base',
    coalesce(attribute.attnotnull, false), words[1] = 'id', words[2] <> 'one2many', 1, 1, now(), now()
FROM field
JOIN ir_model USING (model)
LEFT JOIN pg_attribute AS attribute
    ON attribute.attrelid = to_regclass(replace(field.model, '.', '_')) AND attribute.attname = words[1]
ORDER BY ir_model.id, position;
