# --output: the same records in structured forms, and errors in the same form.
load ../helpers

setup() {
    hvsh_sandbox
    export HVSH_DEFAULT_URI=test:///default
}

teardown() { hvsh_sandbox_end; }

@test "a list in every form" {
    run_hvsh --output json list --all
    assert_success
    jq -e '. == [{id: 1, name: "test", state: "running"}] or (.[0] | .id == 1 and .name == "test" and .state == "running")' <<<"$output"
    run_hvsh --output json-lines list --all
    jq -es 'length == 1' <<<"$output"
    run_hvsh --output csv list --all
    assert_output_has "1,test"
    run_hvsh --output yaml list --all
    assert_output_has "name: test"
    run_hvsh --output table list --all
    assert_output_matches '^ id   name '
}

@test "an empty list is []" {
    run_hvsh --output json list --inactive
    assert_output '[]'
    run_hvsh --output yaml list --inactive
    assert_output '[]'
    run_hvsh --output json-lines list --inactive
    assert_output ''
}

@test "errors are objects" {
    run_hvsh --output json domstate nosuch
    assert_status 1
    assert_output ""
    jq -e '.error | .code == 42 and .name == "NO_DOMAIN" and (.message | startswith("failed to get domain")) and has("hint")' \
        <<<"$stderr"
    run_hvsh --output json lits
    jq -e '.error.hint == "did you mean '"'list'"'?"' <<<"$stderr"
}

@test "success sentences are messages" {
    run_hvsh --output json suspend test
    jq -e 'keys == ["message"]' <<<"$output"
}

@test "the locale changes nothing" {
    local first
    LC_ALL=C run_hvsh list --all
    first=$output
    LC_ALL=C.UTF-8 run_hvsh list --all
    assert_output "$first"
}
