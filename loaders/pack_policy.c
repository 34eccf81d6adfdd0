/* What pack.json says beside its files: coverage, parameters, judgement. */
#include "engine/error.h"
#include "engine/text.h"
#include "loaders/pack_build.h"

/* ---- coverage ------------------------------------------------------------------ */

static void read_coverage_item(cr_pack_builder *b, cr_json_node node, cr_coverage *coverage)
{
    static const char *const names[] = {"catalog", "since", "regions", "note", "basis", NULL};
    cr_json_only(node, names);
    cr_json_node name_node = cr_json_need(node, "catalog");
    credit_span name = cr_json_text(name_node);
    int catalog = cr_pack_catalog(b->pack, name);
    if (catalog < 0) {
        cr_json_fail(name_node, "no such catalog \"%s\"", name.data);
        return;
    }
    coverage->catalog = (uint16_t)catalog;
    coverage->since = cr_json_date(cr_json_need(node, "since"));
    coverage->regions = cr_json_texts(cr_json_get(node, "regions"), &coverage->region_count);
}

static void read_coverage(cr_pack_builder *b, cr_json_node list)
{
    size_t count = cr_json_count(list);
    cr_coverage *coverage = cr_doc_array(list.doc, count, sizeof *coverage);
    if (coverage == NULL) { return; }
    for (size_t i = 0; i < count; i++) {
        read_coverage_item(b, cr_json_item(list, i), &coverage[i]);
    }
    b->pack->coverage = coverage;
    b->pack->coverage_count = count;
}

/* ---- parameters ---------------------------------------------------------------- */

enum parameter_type { P_NUMBER, P_STRING, P_DATE, P_DURATION, P_BOOLEAN };

static const char *const parameter_types[] = {
    "number", "string", "date", "duration", "boolean", NULL};

static bool is_number(credit_span text)
{
    int64_t value = 0;
    bool negative = text.size > 1 && text.data[0] == '-';
    credit_span digits = {text.data + negative, text.size - negative};
    return cr_parse_scaled(digits, 9, &value);
}

static bool has_type(credit_span text, enum parameter_type type)
{
    credit_date date = CREDIT_DATE_NONE;
    cr_period period = {0, 0};
    switch (type) {
    case P_NUMBER:
        return is_number(text);
    case P_DATE:
        return cr_date_parse_iso(text, &date);
    case P_DURATION:
        return cr_period_parse(text, &period);
    case P_BOOLEAN:
        return cr_span_is(text, "true") || cr_span_is(text, "false");
    default:
        return true;
    }
}

static void read_parameter(cr_json_node node, cr_parameter *parameter)
{
    static const char *const names[] = {"name", "type", "value", "basis", "note", NULL};
    cr_json_only(node, names);
    cr_json_node type_node = cr_json_need(node, "type"), value_node = cr_json_need(node, "value");
    parameter->name = cr_json_text(cr_json_need(node, "name"));
    parameter->type = cr_json_text(type_node);
    parameter->value = cr_json_text(value_node);
    parameter->basis = cr_json_text(cr_json_get(node, "basis"));
    parameter->note = cr_json_text(cr_json_get(node, "note"));
    enum parameter_type type = (enum parameter_type)cr_json_choice(type_node, parameter_types);
    if (node.doc->rc == CREDIT_OK && !has_type(parameter->value, type)) {
        cr_json_fail(
            value_node, "\"%s\" is not a %s", parameter->value.data, parameter_types[type]);
    }
}

static void refuse_double_parameters(
    cr_json_node list, const cr_parameter *parameters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (cr_span_equal(parameters[i].name, parameters[j].name)) {
                cr_json_fail(
                    cr_json_item(list, i), "\"%s\" is given twice", parameters[i].name.data);
            }
        }
    }
}

credit_result cr_pack_read_parameters(cr_pack_builder *b, const char *path)
{
    const cr_pack_file *file = cr_pack_builder_file(b, "pack.json", path);
    if (file == NULL) { return CREDIT_E_PACK; }
    cr_doc doc;
    cr_json_node list = cr_doc_open(&doc, path, file->bytes, b->arena, b->err);
    size_t count = cr_json_count(list);
    cr_parameter *parameters = cr_doc_array(&doc, count, sizeof *parameters);
    if (parameters != NULL) {
        for (size_t i = 0; i < count; i++) {
            read_parameter(cr_json_item(list, i), &parameters[i]);
        }
        refuse_double_parameters(list, parameters, doc.rc == CREDIT_OK ? count : 0);
        b->pack->parameters = parameters;
        b->pack->parameter_count = count;
    }
    return cr_doc_close(&doc);
}

/* ---- judgement ------------------------------------------------------------------ */

static const cr_codeset *optional_set(const cr_pack_builder *b, cr_json_node node)
{
    if (node.json == NULL) { return NULL; }
    credit_span name = cr_json_text(node);
    const cr_codeset *set = cr_pack_codeset(b->pack, name);
    if (set == NULL) { cr_json_fail(node, "no such code set \"%s\"", name.data); }
    return set;
}

static void read_roster(cr_pack_builder *b, cr_json_node node, cr_roster_def *roster)
{
    static const char *const names[] = {
        "name", "title", "kind", "decision", "scope", "lists", NULL};
    static const char *const kinds[] = {"honour", "serious", "watch", NULL};
    cr_json_only(node, names);
    roster->name = cr_json_text(cr_json_need(node, "name"));
    if (roster->name.size >= CR_ROSTER_NAME) {
        cr_json_fail(node, "the name of a roster has at most %d bytes", CR_ROSTER_NAME - 1);
    }
    roster->title = cr_json_text(cr_json_need(node, "title"));
    roster->kind = (cr_roster_kind)(cr_json_choice(cr_json_need(node, "kind"), kinds) + 1);
    roster->decision = cr_json_text(cr_json_need(node, "decision"));
    roster->scope = cr_pack_scope(cr_json_need(node, "scope"), false);
    cr_json_node lists = cr_json_get(node, "lists");
    roster->lists = optional_set(b, lists);
    if (roster->kind == CR_ROSTER_SERIOUS && lists.json == NULL) {
        cr_json_fail(node, "a serious list needs \"lists\": only what its edition names is one");
    }
    if (roster->kind == CR_ROSTER_WATCH && lists.json != NULL) {
        cr_json_fail(lists, "who is watched is on none of the lists");
    }
}

static void read_rosters(cr_pack_builder *b, cr_json_node list)
{
    size_t count = cr_json_count(list);
    cr_roster_def *rosters = cr_doc_array(list.doc, count, sizeof *rosters);
    if (rosters == NULL) { return; }
    for (size_t i = 0; i < count; i++) {
        read_roster(b, cr_json_item(list, i), &rosters[i]);
        for (size_t j = 0; j < i; j++) {
            if (cr_span_equal(rosters[i].name, rosters[j].name)) {
                cr_json_fail(cr_json_item(list, i), "\"%s\" is named twice", rosters[i].name.data);
            }
        }
    }
    b->pack->rosters = rosters;
    b->pack->roster_count = count;
}

static void read_grants(cr_pack_builder *b, cr_json_node list)
{
    static const char *const names[] = {"name", "title", NULL};
    size_t count = cr_json_count(list);
    cr_grant *grants = cr_doc_array(list.doc, count, sizeof *grants);
    if (grants == NULL) { return; }
    for (size_t i = 0; i < count; i++) {
        cr_json_node node = cr_json_item(list, i);
        cr_json_only(node, names);
        grants[i].name = cr_json_text(cr_json_need(node, "name"));
        grants[i].title = cr_json_text(cr_json_need(node, "title"));
    }
    b->pack->grants = grants;
    b->pack->grant_count = count;
}

/* The tiers, the best first. */
static void read_tier_order(cr_pack_builder *b, cr_json_node order)
{
    if (order.json == NULL) { return; }
    size_t count = 0;
    const credit_span *tiers = cr_json_texts(order, &count);
    for (size_t i = 1; tiers != NULL && i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (!cr_span_equal(tiers[k], tiers[i])) { continue; }
            cr_json_fail(cr_json_item(order, i), "\"%.*s\" is named twice", (int)tiers[i].size,
                tiers[i].data);
        }
    }
    b->pack->tiers = tiers;
    b->pack->tier_count = tiers == NULL ? 0 : count;
}

static void read_judgement(cr_pack_builder *b, cr_json_node node)
{
    static const char *const names[] = {"record", "rosters", "tier", "green_channel", NULL};
    static const char *const record_names[] = {"decision", NULL};
    static const char *const tier_names[] = {"decision", "scope", "order", NULL};
    static const char *const green_names[] = {"decision", "matters", "grants", NULL};
    if (node.json == NULL) { return; }
    cr_json_only(node, names);
    cr_json_node record = cr_json_get(node, "record"), tier = cr_json_get(node, "tier");
    cr_json_node green = cr_json_get(node, "green_channel");
    if (record.json != NULL) {
        cr_json_only(record, record_names);
        b->pack->record_decision = cr_json_text(cr_json_need(record, "decision"));
    }
    if (tier.json != NULL) {
        cr_json_only(tier, tier_names);
        b->pack->tier_decision = cr_json_text(cr_json_need(tier, "decision"));
        b->pack->tier_scope = cr_pack_scope(cr_json_need(tier, "scope"), false);
        read_tier_order(b, cr_json_get(tier, "order"));
    }
    if (green.json != NULL) {
        cr_json_only(green, green_names);
        b->pack->green_decision = cr_json_text(cr_json_need(green, "decision"));
        b->pack->matters = optional_set(b, cr_json_get(green, "matters"));
        read_grants(b, cr_json_need(green, "grants"));
    }
    read_rosters(b, cr_json_get(node, "rosters"));
    if (b->pack->rules == NULL) { cr_json_fail(node, "decisions need \"rules\""); }
}

/* ---- report ---------------------------------------------------------------------- */

static bool has_section(const cr_pack *pack, credit_span title)
{
    for (size_t i = 0; i < pack->section_count; i++) {
        if (cr_span_equal(pack->sections[i].title, title)) { return true; }
    }
    return false;
}

static void read_report(cr_pack_builder *b, cr_json_node node)
{
    static const char *const names[] = {"title", "issuer", "sections", NULL};
    static const char *const section_names[] = {"no", "title", NULL};
    cr_json_only(node, names);
    b->pack->report_title = cr_json_text(cr_json_need(node, "title"));
    b->pack->issuer = cr_json_text(cr_json_need(node, "issuer"));
    cr_json_node list = cr_json_need(node, "sections");
    size_t count = cr_json_count(list);
    cr_report_section *sections = cr_doc_array(list.doc, count, sizeof *sections);
    if (sections == NULL) { return; }
    for (size_t i = 0; i < count; i++) {
        cr_json_node item = cr_json_item(list, i);
        cr_json_only(item, section_names);
        sections[i].no = cr_json_text(cr_json_need(item, "no"));
        sections[i].title = cr_json_text(cr_json_need(item, "title"));
    }
    b->pack->sections = sections;
    b->pack->section_count = count;
    for (size_t i = 0; i < b->pack->catalog_count; i++) {
        const cr_catalog *catalog = &b->pack->catalogs[i];
        if (catalog->section.size > 0 && !has_section(b->pack, catalog->section)) {
            cr_json_fail(list, "catalog \"%s\" is in no section of the report", catalog->name.data);
        }
    }
}

/* ---- feed ------------------------------------------------------------------------ */

/* What may leave by the exchange; a pack that is silent says `government`. */
static void read_feed(cr_pack_builder *b, cr_json_node node)
{
    static const char *const names[] = {"scope", "catalogs", "note", "basis", NULL};
    b->pack->feed_scope = CR_SCOPE_GOVERNMENT;
    if (node.json == NULL) { return; }
    cr_json_only(node, names);
    cr_json_node scope = cr_json_get(node, "scope"), list = cr_json_get(node, "catalogs");
    if (scope.json != NULL) { b->pack->feed_scope = cr_pack_scope(scope, false); }
    size_t count = cr_json_count(list);
    uint16_t *catalogs = cr_doc_array(node.doc, count, sizeof *catalogs);
    for (size_t i = 0; catalogs != NULL && i < count; i++) {
        cr_json_node name = cr_json_item(list, i);
        int index = cr_pack_catalog(b->pack, cr_json_text(name));
        if (index < 0) { cr_json_fail(name, "no such catalog"); }
        catalogs[i] = (uint16_t)(index < 0 ? 0 : index);
    }
    b->pack->feed_catalogs = catalogs;
    b->pack->feed_catalog_count = count;
}

void cr_pack_read_policy(cr_pack_builder *b, cr_json_node root)
{
    read_coverage(b, cr_json_get(root, "coverage"));
    read_judgement(b, cr_json_get(root, "judgement"));
    cr_json_node report = cr_json_get(root, "report");
    if (report.json != NULL) { read_report(b, report); }
    read_feed(b, cr_json_get(root, "feed"));
}
