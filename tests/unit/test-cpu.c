/* CPUs: the table of features, documents, decoding, comparing, combining. */
#include "backend/embedded/cpu/cpu.h"
#include "util/error.h"

/* --- features ------------------------------------------------------------------------------------------------ */

static void
test_features(void)
{
    g_autoptr(GHashTable) bits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < cpu_feature_count(); i++) {
        const CpuFeature *feature = cpu_feature(i);

        g_assert_cmpint(cpu_feature_find(feature->name), ==, (int)i);
        g_assert_cmpint(cpu_feature_find_flag(feature->flag), ==, (int)i);
        if (feature->qemu)
            g_assert_cmpint(cpu_feature_find_qemu(feature->qemu), ==, (int)i);
        g_assert_cmpuint(feature->bit, <, 32);
        g_assert_true(g_hash_table_add(bits, g_strdup_printf("%x.%u.%d.%u", feature->leaf, feature->subleaf, feature->reg,
                                                             feature->bit)));
    }
    g_assert_cmpint(cpu_feature_find("no-such"), ==, -1);
    g_assert_cmpint(cpu_feature_find_qemu("osxsave"), ==, -1);
}

static const struct {
    const char *flag, *property, *name;
} spellings[] = {
    { "pclmulqdq", "pclmulqdq", "pclmuldq" }, { "sse4_1", "sse4.1", "sse4.1" }, { "sha_ni", "sha-ni", "sha-ni" },
    { "tsc_deadline_timer", "tsc-deadline", "tsc-deadline" }, { "cr8_legacy", "cr8legacy", "cr8legacy" },
    { "lahf_lm", "lahf_lm", "lahf_lm" }, { "lahf_lm", "lahf-lm", "lahf_lm" }, { "nonstop_tsc", "invtsc", "invtsc" },
    { "avx512_vnni", "avx512vnni", "avx512vnni" }, { "dts", "ds", "ds" },
};

static void
test_spellings(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++) {
        g_assert_cmpint(cpu_feature_find(spellings[i].name), ==, cpu_feature_find_flag(spellings[i].flag));
        g_assert_cmpint(cpu_feature_find(spellings[i].name), ==, cpu_feature_find_qemu(spellings[i].property));
    }
}

/* --- documents ----------------------------------------------------------------------------------------------- */

static const struct {
    const char *xml;
    CpuKind kind;
    const char *message;
} bad_cpus[] = {
    { "<foo/>", CPU_AUTO, "XML error: unexpected root element <foo>, expecting <cpu>" },
    { "<cpu><feature name='avx'/></cpu>", CPU_AUTO, "XML error: Non-empty feature list specified without CPU model" },
    { "<cpu><vendor>Intel</vendor></cpu>", CPU_AUTO, "XML error: CPU vendor specified without CPU model" },
    { "<cpu><arch>x86_64</arch></cpu>", CPU_AUTO, "XML error: Missing CPU model name" },
    { "<cpu><arch/><model>x</model></cpu>", CPU_AUTO, "XML error: Missing CPU architecture" },
    { "<cpu><model>x</model></cpu>", CPU_HOST, "XML error: Missing CPU architecture" },
    { "<cpu mode='custom'/>", CPU_HOST, "unsupported configuration: Attribute mode is only allowed for guest CPU" },
    { "<cpu><arch>zzz</arch><model>x</model></cpu>", CPU_AUTO, "unsupported configuration: Unknown architecture zzz" },
    { "<cpu mode='foo'/>", CPU_AUTO, "unsupported configuration: Invalid mode attribute 'foo'" },
    { "<cpu match='foo'><model>x</model></cpu>", CPU_AUTO,
      "XML error: Invalid value for attribute 'match' in element 'cpu': 'foo'." },
    { "<cpu check='foo'><model>x</model></cpu>", CPU_AUTO,
      "XML error: Invalid value for attribute 'check' in element 'cpu': 'foo'." },
    { "<cpu migratable='on'><model>x</model></cpu>", CPU_AUTO,
      "unsupported configuration: Attribute migratable is only allowed for 'host-passthrough' / 'maximum' CPU mode" },
    { "<cpu mode='maximum' migratable='x'/>", CPU_AUTO,
      "XML error: Invalid value for attribute 'migratable' in element 'cpu': 'x'." },
    { "<cpu><model fallback='x'>y</model></cpu>", CPU_AUTO, "unsupported configuration: Invalid fallback attribute" },
    { "<cpu><model vendor_id='x'>y</model></cpu>", CPU_AUTO, "XML error: vendor_id must be exactly 12 characters long" },
    { "<cpu><topology sockets='0' cores='1' threads='1'/></cpu>", CPU_AUTO,
      "XML error: Invalid value for attribute 'sockets' in element 'topology': Zero is not permitted" },
    { "<cpu><topology sockets='1' threads='1'/></cpu>", CPU_AUTO,
      "XML error: Missing required attribute 'cores' in element 'topology'" },
    { "<cpu><topology sockets='x' cores='1' threads='1'/></cpu>", CPU_AUTO,
      "XML error: Invalid value for attribute 'sockets' in element 'topology': 'x'. Expected non-negative integer value" },
    { "<cpu><model>x</model><feature policy='x' name='avx'/></cpu>", CPU_AUTO,
      "unsupported configuration: Invalid CPU feature policy" },
    { "<cpu><model>x</model><feature policy='require'/></cpu>", CPU_AUTO, "XML error: Invalid CPU feature name" },
    { "<cpu><model>x</model><feature name='avx'/><feature name='avx'/></cpu>", CPU_AUTO,
      "XML error: CPU feature 'avx' specified more than once" },
    { "<cpu><model>x</model><cache level='9' mode='emulate'/></cpu>", CPU_AUTO,
      "XML error: invalid CPU cache level, must be in range [1,3]" },
    { "<cpu><arch>x86_64</arch><model>x</model><signature family='6'/></cpu>", CPU_AUTO,
      "XML error: Missing required attribute 'model' in element 'signature'" },
};

static void
test_bad_cpus(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad_cpus); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(cpu_description_parse(bad_cpus[i].xml, bad_cpus[i].kind, FALSE, &error));
        g_assert_cmpstr(error->message, ==, bad_cpus[i].message);
    }
}

static const struct {
    const char *text;
    guint count;                /* 0: refused */
    const char *first;          /* its beginning */
} files[] = {
    { "<cpu/>", 1, "<cpu/>" },
    { "<?xml version='1.0'?>\n<cpu><model>a</model></cpu>", 1, "<cpu>" },
    { "<cpu/><cpu/> <!-- x --><cpu/>", 3, "<cpu/>" },
    { "<host><cpu/></host>", 1, "<cpu/>" },
    { "<capabilities><host><cpu><arch>i686</arch></cpu></host></capabilities><capabilities><host><cpu/></host></capabilities>", 2,
      "<cpu>\n  <arch>i686</arch>" },
    { "<domain><cpu mode='maximum'/></domain>", 1, "<cpu mode='maximum'/>" },
    { "<domainCapabilities><cpu><mode name='host-model' supported='yes'><model>a</model></mode></cpu></domainCapabilities>", 1,
      "<cpu>\n  <model>a</model>" },
    { "<domainCapabilities><cpu><mode name='host-model' supported='no'/></cpu></domainCapabilities>", 0, NULL },
    { "<domain/>", 0, NULL },
    { "<cpus><cpu/></cpus>", 0, NULL },
    { "<cpu xmlns='x'/>", 0, NULL },
    { "", 0, NULL },
};

static void
test_files(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) cpus = cpu_description_extract(files[i].text, "file.xml", &error);

        g_assert_cmpuint(cpus ? cpus->len : 0, ==, files[i].count);
        if (cpus)
            g_assert_true(g_str_has_prefix(g_ptr_array_index(cpus, 0), files[i].first));
        else
            g_assert_cmpstr(error->message, ==, "File 'file.xml' does not contain any <cpu> element or valid domain XML, host "
                            "capabilities XML, or domain capabilities XML");
    }
}

/* --- a QEMU of few models ------------------------------------------------------------------------------------ */

static const char profile_text[] =
    "{\"models\":["
    "{\"name\":\"plain\",\"features\":[\"fpu\",\"tsc\",\"lm\"],\"blockers\":[]},"
    "{\"name\":\"old\",\"vendor\":\"Intel\",\"family\":6,\"model\":15,\"features\":[\"fpu\",\"tsc\",\"lm\",\"ssse3\"],"
    "\"blockers\":[]},"
    "{\"name\":\"new\",\"vendor\":\"Intel\",\"family\":6,\"model\":60,\"features\":[\"fpu\",\"tsc\",\"lm\",\"ssse3\",\"avx\",\"hle\"],"
    "\"blockers\":[\"hle\"]},"
    "{\"name\":\"other\",\"vendor\":\"AMD\",\"family\":23,\"model\":1,\"features\":[\"fpu\",\"tsc\",\"lm\",\"ssse3\",\"avx\",\"svm\"],"
    "\"blockers\":[]},"
    "{\"name\":\"strange\"}]}";

static QemuProfile *
small_profile(void)
{
    json_error_t json_error;
    json_t *root = json_loads(profile_text, 0, &json_error);
    QemuProfile *profile = qemu_profile_from_json(root, NULL);

    g_assert_nonnull(profile);
    json_decref(root);
    return profile;
}

static FeatureSet
set_of(const char *names)
{
    g_auto(GStrv) words = g_strsplit(names, " ", -1);
    FeatureSet set = { { 0 } };

    for (char **word = words; *word && **word; word++) {
        int feature = cpu_feature_find(*word);

        g_assert_cmpint(feature, >=, 0);
        feature_set_add(&set, (guint)feature);
    }
    return set;
}

static const struct {
    const char *features, *vendor, *preferred;
    guint family, number;
    gboolean subset;
    const char *model, *more, *less;
} decoded[] = {
    { "fpu tsc lm ssse3", "Intel", NULL, 0, 0, TRUE, "old", "", "" },
    { "fpu tsc lm ssse3", "AMD", NULL, 0, 0, TRUE, "plain", "ssse3", "" },
    { "fpu tsc lm ssse3", NULL, NULL, 0, 0, TRUE, "plain", "ssse3", "" },
    { "fpu tsc lm ssse3 avx", "Intel", NULL, 0, 0, TRUE, "old", "avx", "" },
    { "fpu tsc lm ssse3 avx aes", "Intel", NULL, 6, 60, FALSE, "new", "aes", "hle" },
    { "fpu tsc lm ssse3 avx aes", "Intel", NULL, 6, 15, FALSE, "old", "aes, avx", "" },
    { "fpu tsc lm ssse3", "Intel", "plain", 6, 15, TRUE, "plain", "ssse3", "" },
    { "fpu tsc", "Intel", NULL, 0, 0, TRUE, NULL, "", "" },
};

static void
test_decode(void)
{
    g_autoptr(QemuProfile) profile = small_profile();

    for (gsize i = 0; i < G_N_ELEMENTS(decoded); i++) {
        CpuDecoded cpu = cpu_decode(profile, &(CpuToDecode){
            .features = set_of(decoded[i].features), .vendor = decoded[i].vendor, .preferred = decoded[i].preferred,
            .family = decoded[i].family, .number = decoded[i].number, .subset = decoded[i].subset,
        });
        g_autofree char *more = feature_set_text(cpu.more), *less = feature_set_text(cpu.less);

        g_assert_cmpstr(cpu.model ? cpu.model->name : NULL, ==, decoded[i].model);
        g_assert_cmpstr(more, ==, decoded[i].more);
        g_assert_cmpstr(less, ==, decoded[i].less);
    }
}

/* The host is an Intel with all that "new" has but hle. */
static const struct {
    const char *xml;
    int result;                 /* -1: refused with @text */
    const char *text;
} comparisons[] = {
    { "<cpu><model>old</model></cpu>", CPU_SUPERSET, NULL },
    { "<cpu/>", CPU_SUPERSET, NULL },
    { "<cpu mode='host-model'/>", CPU_SUPERSET, NULL },
    { "<cpu><arch>i686</arch><model>old</model></cpu>", CPU_SUPERSET, NULL },
    { "<cpu><model>new</model></cpu>", CPU_INCOMPATIBLE, "Host CPU does not provide required features: hle" },
    { "<cpu><model>new</model><feature policy='disable' name='hle'/></cpu>", CPU_IDENTICAL, NULL },
    { "<cpu><model>new</model><feature policy='optional' name='hle'/></cpu>", CPU_IDENTICAL, NULL },
    { "<cpu><model>new</model><feature policy='force' name='hle'/></cpu>", CPU_IDENTICAL, NULL },
    { "<cpu><model>old</model><feature policy='forbid' name='avx'/></cpu>", CPU_INCOMPATIBLE,
      "Host CPU provides forbidden features: avx" },
    { "<cpu match='strict'><model>old</model></cpu>", CPU_INCOMPATIBLE,
      "Host CPU does not strictly match guest CPU: Extra features: avx" },
    { "<cpu mode='host-passthrough'><feature policy='require' name='svm'/></cpu>", CPU_INCOMPATIBLE,
      "Host CPU does not provide required features: svm" },
    { "<cpu><model>old</model><feature policy='require' name='svm'/><feature policy='require' name='aes'/></cpu>",
      CPU_INCOMPATIBLE, "Host CPU does not provide required features: aes, svm" },
    { "<cpu><model>old</model><vendor>AMD</vendor></cpu>", CPU_INCOMPATIBLE,
      "host CPU vendor does not match required CPU vendor AMD" },
    { "<cpu><arch>aarch64</arch><model>x</model></cpu>", CPU_INCOMPATIBLE, "CPU arch aarch64 does not match host arch" },
    { "<cpu><model>nosuch</model></cpu>", -1, "internal error: Unknown CPU model nosuch" },
    { "<cpu><model>old</model><feature name='blah'/></cpu>", -1, "internal error: Unknown CPU feature blah" },
};

static void
test_compare(void)
{
    g_autoptr(QemuProfile) profile = small_profile();
    CpuOffer offer = { .arch = "x86_64", .vendor = "Intel", .features = set_of("fpu tsc lm ssse3 avx") };

    for (gsize i = 0; i < G_N_ELEMENTS(comparisons); i++) {
        g_autoptr(CpuDescription) wanted = cpu_description_parse(comparisons[i].xml, CPU_AUTO, FALSE, NULL);
        g_autoptr(GError) error = NULL;
        g_autofree char *reason = NULL;
        int result = -1;

        g_assert_nonnull(wanted);
        g_assert_true(cpu_compare(profile, &offer, wanted, &result, &reason, &error) == (comparisons[i].result >= 0));
        g_assert_cmpint(result, ==, comparisons[i].result);
        g_assert_cmpstr(error ? error->message : reason, ==, comparisons[i].text);
    }
}

#define X86(rest) "<cpu><arch>x86_64</arch>" rest "</cpu>"

static const struct {
    const char *cpus[3];
    CpuBaselineKind kind;
    unsigned flags;
    const char *text;           /* the document's inside, or the error */
} baselines[] = {
    { { X86("<model>old</model>") }, CPU_BASELINE_FOR_QEMU, 0, "  <model fallback='forbid'>old</model>\n" },
    { { X86("<model>old</model>"), X86("<model>new</model>") }, CPU_BASELINE_FOR_QEMU, 0,
      "  <model fallback='allow'>old</model>\n" },
    { { X86("<model>new</model>"), X86("<model>other</model>") }, CPU_BASELINE_FOR_QEMU, 0,
      "  <model fallback='allow'>plain</model>\n  <feature policy='require' name='ssse3'/>\n"
      "  <feature policy='require' name='avx'/>\n" },
    { { X86("<model>new</model><vendor>Intel</vendor>") }, CPU_BASELINE_FOR_QEMU, 0,
      "  <model fallback='forbid'>new</model>\n  <vendor>Intel</vendor>\n" },
    { { X86("<model>new</model><vendor>Intel</vendor>"), X86("<model>new</model>") }, CPU_BASELINE_FOR_QEMU, 0,
      "  <model fallback='forbid'>new</model>\n" },
    { { X86("<model>new</model>") }, CPU_BASELINE_FOR_HYPERVISOR, 0,
      "  <model fallback='forbid'>new</model>\n  <feature policy='disable' name='hle'/>\n" },
    { { X86("<model>new</model>") }, CPU_BASELINE_FOR_HYPERVISOR, BASELINE_CPU_IGNORE_HOST,
      "  <model fallback='forbid'>new</model>\n" },
    { { X86("<model>old</model><feature name='invtsc'/><feature name='osxsave'/>") }, CPU_BASELINE_FOR_QEMU, 0,
      "  <model fallback='forbid'>old</model>\n  <feature policy='require' name='invtsc'/>\n" },
    { { X86("<model>old</model><feature name='invtsc'/><feature name='osxsave'/>") }, CPU_BASELINE_AS_IS, 0,
      "  <model fallback='forbid'>old</model>\n  <feature policy='require' name='osxsave'/>\n"
      "  <feature policy='require' name='invtsc'/>\n" },
    { { X86("<model>old</model><feature name='invtsc'/>") }, CPU_BASELINE_FOR_QEMU, BASELINE_CPU_MIGRATABLE,
      "  <model fallback='forbid'>old</model>\n" },
    { { X86("<model>plain</model><feature name='aes'/>") }, CPU_BASELINE_FOR_QEMU, BASELINE_CPU_EXPAND_FEATURES,
      "  <model fallback='forbid'>plain</model>\n  <feature policy='require' name='aes'/>\n"
      "  <feature policy='require' name='fpu'/>\n  <feature policy='require' name='lm'/>\n"
      "  <feature policy='require' name='tsc'/>\n" },
    { { X86("<model>nosuch</model>") }, CPU_BASELINE_FOR_QEMU, 0, "internal error: Unknown CPU model nosuch" },
    { { X86("<model>old</model><feature name='blah'/>") }, CPU_BASELINE_FOR_QEMU, 0,
      "internal error: Unknown CPU feature blah" },
    { { X86("<model>old</model><vendor>FOO</vendor>") }, CPU_BASELINE_FOR_QEMU, 0, "operation failed: Unknown CPU vendor FOO" },
    { { X86("<model>new</model><vendor>Intel</vendor>"), X86("<model>other</model><vendor>AMD</vendor>") },
      CPU_BASELINE_FOR_QEMU, 0, "operation failed: CPU vendors do not match" },
    { { X86("<model>new</model>"), X86("<model>strange</model>") }, CPU_BASELINE_FOR_QEMU, 0,
      "operation failed: CPUs are incompatible" },
};

static void
test_baseline(void)
{
    g_autoptr(QemuProfile) profile = small_profile();

    for (gsize i = 0; i < G_N_ELEMENTS(baselines); i++) {
        g_autoptr(GPtrArray) cpus = g_ptr_array_new_with_free_func((GDestroyNotify)cpu_description_free);
        g_autoptr(GError) error = NULL;
        g_autofree char *answer = NULL, *wanted = NULL;

        for (guint k = 0; baselines[i].cpus[k]; k++) {
            CpuDescription *cpu = cpu_description_parse(baselines[i].cpus[k], CPU_HOST, FALSE, NULL);

            g_assert_nonnull(cpu);
            g_ptr_array_add(cpus, cpu);
        }
        answer = cpu_baseline(profile, "x86_64", cpus, baselines[i].kind, baselines[i].flags, &error);
        wanted = error ? g_strdup(baselines[i].text)
                       : g_strdup_printf("<cpu mode='custom' match='exact'>\n%s</cpu>\n", baselines[i].text);
        g_assert_cmpstr(error ? error->message : answer, ==, wanted);
    }
}

static void
test_names(void)
{
    g_autoptr(QemuProfile) profile = small_profile();
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) known = cpu_model_names(NULL, "x86_64", NULL), any = cpu_model_names(NULL, "aarch64", NULL);
    g_autoptr(GPtrArray) asked = cpu_model_names(profile, "x86_64", NULL);

    g_assert_cmpstr(g_ptr_array_index(known, 0), ==, "486");
    g_assert_cmpuint(any->len, ==, 0);
    g_assert_cmpuint(asked->len, ==, 5);
    g_assert_null(cpu_model_names(NULL, "mips", &error));
    g_assert_error(error, HV_ERROR, HV_ERR_NO_SUPPORT);
}

/* What else a profile tells, and that a profile without it says no. */
static void
test_profile(void)
{
    static const char text[] =
        "{\"models\":[{\"name\":\"m\",\"deprecated\":true}],\"best\":{\"name\":\"host\",\"vendor\":\"AMD\",\"features\":[\"svm\"],"
        "\"deprecated-features\":[\"svm\"]},\"displays\":[\"vnc\",\"dbus\"],\"hyperv\":[\"relaxed\",\"vendor_id\"],\"gic\":[\"2\"],"
        "\"unknown\":[\"vnmi\"],\"sev\":{\"pdh\":\"cA==\",\"cert-chain\":\"Yw==\",\"cbitpos\":47,\"reduced-phys-bits\":1}}";
    json_error_t json_error;
    json_t *root = json_loads(text, 0, &json_error);
    g_autoptr(QemuProfile) profile = qemu_profile_from_json(root, NULL), plain = small_profile();
    const QemuSev *sev = qemu_profile_sev(profile);
    FeatureSet svm = set_of("svm");

    json_decref(root);
    g_assert_cmpint(qemu_profile_nth_model(profile, 0)->usable, ==, QEMU_USABLE_UNKNOWN);
    g_assert_true(qemu_profile_nth_model(profile, 0)->deprecated);
    g_assert_cmpstr(qemu_profile_best(profile)->vendor, ==, "AMD");
    g_assert_true(feature_set_is_empty(feature_set_without(svm, qemu_profile_best(profile)->deprecated_features)));
    g_assert_true(qemu_profile_has_display(profile, "dbus"));
    g_assert_false(qemu_profile_has_display(profile, "spice"));
    g_assert_cmpstr(qemu_profile_hyperv(profile)[1], ==, "vendor_id");
    g_assert_cmpstr(qemu_profile_gic(profile)[0], ==, "2");
    g_assert_true(sev->supported);
    g_assert_cmpint(sev->cbitpos, ==, 47);
    g_assert_cmpstr(sev->cert_chain, ==, "Yw==");
    g_assert_null(sev->cpu0_id);

    g_assert_null(qemu_profile_best(plain));
    g_assert_null(qemu_profile_hyperv(plain)[0]);
    g_assert_null(qemu_profile_gic(plain)[0]);
    g_assert_false(qemu_profile_sev(plain)->supported);
    g_assert_false(qemu_profile_has_display(plain, "vnc"));
    g_assert_cmpint(qemu_profile_model(plain, "plain")->usable, ==, QEMU_USABLE_YES);
    g_assert_cmpint(qemu_profile_model(plain, "new")->usable, ==, QEMU_USABLE_NO);
}

static void
test_damaged_profile(void)
{
    static const char *const texts[] = { "{}", "[]", "{\"models\":7}", "{\"models\":[7]}", "{\"models\":[{}]}" };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        json_error_t json_error;
        json_t *root = json_loads(texts[i], 0, &json_error);

        g_assert_null(qemu_profile_from_json(root, &error));
        g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
        json_decref(root);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cpu/features", test_features);
    g_test_add_func("/cpu/spellings", test_spellings);
    g_test_add_func("/cpu/bad-documents", test_bad_cpus);
    g_test_add_func("/cpu/files", test_files);
    g_test_add_func("/cpu/decode", test_decode);
    g_test_add_func("/cpu/compare", test_compare);
    g_test_add_func("/cpu/baseline", test_baseline);
    g_test_add_func("/cpu/names", test_names);
    g_test_add_func("/cpu/profile", test_profile);
    g_test_add_func("/cpu/damaged-profile", test_damaged_profile);
    return g_test_run();
}
