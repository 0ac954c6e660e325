-- Small versions of the tables that the default models point to: fewer columns than Odoo has, same names and types.

CREATE TABLE ir_model (
    id serial PRIMARY KEY,
    model varchar NOT NULL UNIQUE,
    "order" varchar NOT NULL,
    state varchar,
    name jsonb NOT NULL,
    info text,
    abstract boolean,
    transient boolean,
    create_uid integer,
    write_uid integer,
    create_date timestamp,
    write_date timestamp
);

CREATE TABLE ir_model_fields (
    id serial PRIMARY KEY,
    model_id integer NOT NULL REFERENCES ir_model (id) ON DELETE CASCADE,
    name varchar NOT NULL,
    model varchar NOT NULL,
    relation varchar,
    relation_field varchar,
    ttype varchar NOT NULL,
    related varchar,
    translate varchar,
    state varchar NOT NULL,
    on_delete varchar,
    relation_table varchar,
    column1 varchar,
    column2 varchar,
    currency_field varchar,
    field_description jsonb NOT NULL,
    help jsonb,
    copied boolean,
    required boolean,
    readonly boolean,
    index boolean,
    company_dependent boolean,
    store boolean,
    create_uid integer,
    write_uid integer,
    create_date timestamp,
    write_date timestamp,
    UNIQUE (model, name)
);

CREATE TABLE ir_config_parameter (
    id serial PRIMARY KEY,
    key varchar NOT NULL UNIQUE,
    value text NOT NULL,
    create_uid integer,
    write_uid integer,
    create_date timestamp,
    write_date timestamp
);

CREATE TABLE ir_module_module (
    id serial PRIMARY KEY,
    name varchar NOT NULL UNIQUE,
    state varchar,
    latest_version varchar
);

CREATE TABLE res_lang (
    id serial PRIMARY KEY,
    name varchar NOT NULL UNIQUE,
    code varchar NOT NULL UNIQUE,
    iso_code varchar,
    url_code varchar NOT NULL UNIQUE,
    active boolean
);

CREATE TABLE res_currency (
    id serial PRIMARY KEY,
    name varchar NOT NULL UNIQUE,
    symbol varchar NOT NULL,
    decimal_places integer,
    rounding numeric CHECK (rounding > 0),
    active boolean
);

CREATE TABLE res_country (
    id serial PRIMARY KEY,
    code varchar(2) NOT NULL UNIQUE,
    name jsonb NOT NULL,
    currency_id integer REFERENCES res_currency (id) ON DELETE SET NULL
);

CREATE TABLE res_company (
    id serial PRIMARY KEY,
    name varchar NOT NULL UNIQUE,
    partner_id integer NOT NULL REFERENCES res_partner (id),
    currency_id integer NOT NULL REFERENCES res_currency (id),
    sequence integer,
    active boolean,
    create_date timestamp,
    write_date timestamp
);

CREATE TABLE res_users (
    id serial PRIMARY KEY,
    company_id integer NOT NULL REFERENCES res_company (id),
    partner_id integer NOT NULL REFERENCES res_partner (id),
    active boolean DEFAULT true,
    login varchar NOT NULL UNIQUE,
    password varchar,
    share boolean,
    notification_type varchar NOT NULL,
    create_date timestamp,
    write_date timestamp
);

CREATE TABLE uom_uom (
    id serial PRIMARY KEY,
    name jsonb NOT NULL,
    relative_factor numeric NOT NULL CHECK (relative_factor <> 0),
    factor numeric,
    active boolean,
    create_date timestamp,
    write_date timestamp
);

CREATE TABLE product_category (
    id serial PRIMARY KEY,
    parent_id integer REFERENCES product_category (id) ON DELETE CASCADE,
    name varchar NOT NULL,
    complete_name varchar,
    parent_path varchar,
    create_date timestamp,
    write_date timestamp
);

CREATE TABLE stock_location (
    id serial PRIMARY KEY,
    location_id integer REFERENCES stock_location (id) ON DELETE CASCADE,
    company_id integer REFERENCES res_company (id) ON DELETE SET NULL,
    name varchar NOT NULL,
    complete_name varchar,
    usage varchar NOT NULL,
    parent_path varchar,
    barcode varchar,
    active boolean,
    create_date timestamp,
    write_date timestamp
);

CREATE TABLE stock_warehouse (
    id serial PRIMARY KEY,
    company_id integer NOT NULL REFERENCES res_company (id),
    partner_id integer REFERENCES res_partner (id),
    view_location_id integer NOT NULL REFERENCES stock_location (id),
    lot_stock_id integer NOT NULL REFERENCES stock_location (id),
    name varchar NOT NULL,
    code varchar(5) NOT NULL,
    reception_steps varchar NOT NULL,
    delivery_steps varchar NOT NULL,
    active boolean,
    create_date timestamp,
    write_date timestamp,
    UNIQUE (code, company_id)
);

CREATE TABLE stock_picking_type (
    id serial PRIMARY KEY,
    default_location_src_id integer NOT NULL REFERENCES stock_location (id),
    default_location_dest_id integer NOT NULL REFERENCES stock_location (id),
    warehouse_id integer REFERENCES stock_warehouse (id) ON DELETE CASCADE,
    company_id integer NOT NULL REFERENCES res_company (id),
    sequence_code varchar NOT NULL,
    code varchar NOT NULL,
    name jsonb NOT NULL,
    active boolean,
    create_date timestamp,
    write_date timestamp
);

CREATE TABLE account_journal (
    id serial PRIMARY KEY,
    company_id integer NOT NULL REFERENCES res_company (id) ON DELETE RESTRICT,
    currency_id integer REFERENCES res_currency (id) ON DELETE SET NULL,
    code varchar(5) NOT NULL,
    type varchar NOT NULL,
    name jsonb NOT NULL,
    active boolean,
    create_date timestamp,
    write_date timestamp,
    UNIQUE (code, company_id)
);
