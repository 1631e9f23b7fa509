using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CsCheck;
using Llama2.Tests;

namespace Llama2.Training.Tests.Datasets;

/// <summary>
/// Records of all forms with a further field, anywhere in them. A field that changes what a record means to TRL, axolotl, LLaMA-Factory, ms-swift or OpenAI
/// is used, or refused by name and line with a remedy. Any other field is reported, and changes nothing.
/// </summary>
public sealed partial class GeneratedRecordTests : IDisposable
{
    private const int RecordCount = 10_000;

    // From these tools' documentation, so that the lists of the reader are checked.
    private static readonly string[] s_ofRecords =
    [
        "system", "system_prompt", "history", "tools", "functions", "tool_choice", "label", "labels", "kto_tag", "images", "image", "videos", "audios", "chosen", "rejected", "chosen_response", "rejected_response",
        "rejected_messages", "rejected_images", "preferred_output", "non_preferred_output", "messages", "conversations", "conversation", "prompt", "completion", "completions", "response", "output", "answer", "question",
        "query", "input", "instruction", "context", "article", "segments", "choices", "solution", "explanation", "generation", "reflection", "corrected", "revision", "answers", "weight", "train_on_input",
        "chat_template", "chat_template_kwargs", "margin", "input_ids", "attention_mask", "completion_mask", "assistant_masks", "ref_chosen_logps", "ref_rejected_logps", "response_format", "System", "Instruction", "system-prompt",
    ];

    private static readonly string[] s_ofMessages =
        ["weight", "train", "training", "loss", "train_detail", "name", "tool_calls", "function_call", "tool_call_id", "refusal", "audio", "reasoning_content", "thinking", "images", "label", "mask", "prefix", "recipient"];

    private static readonly string[] s_ofTools = ["return", "returns", "inputSchema", "input_schema", "arguments", "response"];
    private static readonly string[] s_ofCalls = ["parameters", "args", "input"];
    private static readonly string[] s_unknown = ["id", "source", "meta", "uuid", "score", "lang", "timestamp", "parallel_tool_calls", "strict", "score_chosen", "category", "version", "ändert", "a b", "__index_level_0__"];

    // The fields that some form uses, of which each must change tokens, mask, rating or pair of some record.
    private static readonly string[] s_used =
    [
        "system", "system_prompt", "history", "tools", "functions", "rejected", "rejected_response", "query", "context", "input", "weight", "train", "training", "loss", "tool_calls", "function_call", "name", "label", "kto_tag",
    ];

    private static readonly string[] s_flags = ["weight", "train", "training", "loss"];

    private static readonly string[] s_bases =
    [
        """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."},{"role":"user","content":"Dog?"},{"role":"assistant","content":"Woof."}]}""",
        """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"Cat?"}]},{"role":"assistant","content":[{"type":"text","text":"Meow."}]}]}""",
        """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},{"role":"tool","tool_call_id":"a","content":"1"},{"role":"assistant","content":"Meow."}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"x":{"type":"integer"}}}}}]}""",
        """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"1"},{"role":"assistant","content":"Meow."}],"functions":[{"name":"f"}]}""",
        """{"messages":[{"role":"user","content":"Cat?"},{"role":"tool_call","content":"{\"name\":\"f\",\"arguments\":{}}"},{"role":"tool_response","content":"1"},{"role":"assistant","content":"Meow."}]}""",
        """{"conversations":[{"from":"human","value":"Cat?"},{"from":"gpt","value":"Meow."},{"from":"human","value":"Dog?"},{"from":"gpt","value":"Woof."}]}""",
        """{"conversations":[{"from":"human","value":"Cat?"},{"from":"function_call","value":"{\"name\":\"f\",\"arguments\":{}}"},{"from":"observation","value":"1"},{"from":"gpt","value":"Meow."}],"tools":"[{\"name\":\"f\"}]"}""",
        """{"instruction":"Name the sound.","input":"cat","output":"Meow."}""",
        """{"instruction":"Cat?","output":"Meow.","system":"Be brief.","history":[["Dog?","Woof."]]}""",
        """{"prompt":"Cat?","completion":"Meow."}""",
        """{"prompt":[{"role":"user","content":"Cat?"}],"completion":[{"role":"assistant","content":"Meow."}]}""",
        """{"question":"Cat?","answer":"Meow."}""",
        """{"query":"Cat?","response":"Meow."}""",
        """{"prompt":"Cat?","chosen":"Meow.","rejected":"Woof."}""",
        """{"prompt":[{"role":"user","content":"Cat?"}],"chosen":[{"role":"assistant","content":"Meow."}],"rejected":[{"role":"assistant","content":"Woof."}]}""",
        """{"chosen":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."}],"rejected":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Woof."}]}""",
        """{"chosen":"\n\nHuman: Cat?\n\nAssistant: Meow.","rejected":"\n\nHuman: Cat?\n\nAssistant: Woof."}""",
        """{"instruction":"Cat?","chosen":"Meow.","rejected":"Woof."}""",
        """{"conversations":[{"from":"human","value":"Cat?"}],"chosen":{"from":"gpt","value":"Meow."},"rejected":{"from":"gpt","value":"Woof."}}""",
        """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."}],"rejected_response":"Woof."}""",
        """{"input":{"messages":[{"role":"user","content":"Cat?"}],"tools":[{"type":"function","function":{"name":"f"}}]},"preferred_output":[{"role":"assistant","content":"Meow."}],"non_preferred_output":[{"role":"assistant","content":"Woof."}]}""",
        """{"text":"Cats say meow."}""",
        """{"segments":[{"label":false,"text":"<s>Cat?"},{"label":true,"text":"Meow.</s>"}]}""",
    ];

    private static readonly string[] s_values =
    [
        "\"ahoy there\"", "\"[]\"", "\"null\"", "\"\"", "false", "true", "0", "1", "7", "0.5", "null", "[]", "{}", "[\"ahoy\"]", "[0,1]", "[[\"ahoy\",\"there\"]]", "{\"ahoy\":1}", "[{\"role\":\"user\",\"content\":\"ahoy\"}]",
        "[{\"from\":\"gpt\",\"value\":\"ahoy\"}]", "[{\"name\":\"ahoy\"}]", "[{\"type\":\"function\",\"function\":{\"name\":\"ahoy\",\"arguments\":\"{}\"}}]", "{\"name\":\"ahoy\",\"arguments\":{}}", "{\"role\":\"assistant\",\"content\":\"ahoy\"}",
        "[{\"begin_offset\":0,\"end_offset\":1,\"train\":false}]", "{\"type\":\"json_schema\"}",
    ];

    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(RepositoryFiles.Committed("tests", "data", "spm512.model"));

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<string, string> _learned = new();
    private readonly ConcurrentDictionary<string, bool> _changed = new();

    [Fact]
    public void Load_RecordWithAFurtherField_UsesItRefusesItOrReportsIt()
    {
        ConcurrentDictionary<string, bool> faults = new();
        Gen.Select(Gen.Int[0, s_bases.Length - 1].Select(index => s_bases[index]), Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int[0, s_values.Length - 1].Select(index => s_values[index]), Gen.Bool, Gen.Bool)
            .Sample(
                (record, place, name, value, isFirst, rates) =>
                {
                    if (Verify(record, place, name, value, isFirst ? 0 : 2, rates) is { } fault)
                        faults[fault] = true;
                },
                iter: RecordCount);

        faults.Keys.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Used))]
    public void Load_FieldThatAFormUses_ChangesWhatIsLearnedOfSomeRecord(string name)
    {
        foreach (string record in s_bases)
        {
            (string Scope, JsonObject Object)[] places = [.. Places("record", JsonNode.Parse(record)!.AsObject())];
            for (int place = 0; place < places.Length && !_changed.ContainsKey(name); place++)
            {
                int index = Array.IndexOf(NamesOf(places[place].Scope), name);
                foreach (string value in index < 0 ? [] : s_values)
                    Verify(record, place, index, value, before: 0, rates: true).Should().BeNull();
            }
        }

        _changed.Keys.Should().Contain(name);
    }

    public static TheoryData<string> Used => [.. s_used];

    public void Dispose() => _folder.Dispose();

    // What is wrong with how a changed record is read; null if nothing is.
    private string? Verify(string record, int placeIndex, int nameIndex, string value, int before, bool rates)
    {
        JsonObject changed = JsonNode.Parse(record)!.AsObject();
        (string Scope, JsonObject Object)[] places = [.. Places("record", changed)];
        (string scope, JsonObject target) = places[placeIndex % places.Length];
        string[] known = KnownOf(scope), names = NamesOf(scope);
        string name = names[nameIndex % names.Length];
        if (!target.TryAdd(name, JsonNode.Parse(value)))
            return null;

        bool canRate = rates && !record.Contains("ejected", StringComparison.Ordinal) && !record.Contains("\"text\":\"Cats", StringComparison.Ordinal) && name is "label" or "kto_tag" && scope == "record";
        string text = changed.ToJsonString();
        string what = $"{text} ({scope}.{name}, {before} before): ";
        string base0 = _learned.GetOrAdd(record, _ => Read(record, 0, false, out IReadOnlyList<UnusedContent> _));
        string learned;
        IReadOnlyList<UnusedContent> unused;
        try
        {
            learned = Read(string.Concat(Enumerable.Repeat(record + "\n", canRate ? 0 : before)) + text, canRate ? 0 : before, canRate, out unused);
        }
        catch (TrainingDataException exception)
        {
            return !known.Contains(name) ? what + "an unknown field is refused: " + exception.Message
                : exception.LineNumber != (canRate ? 1 : before + 1) ? what + "another line: " + exception.Message
                : !Names(exception.Reason, changed, target, name) ? what + "not named: " + exception.Message
                : !Remedy().IsMatch(exception.Reason) ? what + "without a remedy: " + exception.Message
                : null;
        }

        if (learned != base0)
        {
            _changed[name] = true;
            return known.Contains(name) ? null : what + "an unknown field changes what is learned";
        }

        bool isEmpty = value is "null" or "\"\"" or "[]" or "{}" || (value is "\"[]\"" or "\"null\"");
        bool isReported = unused.Any(content => content.Name == name || content.Name.StartsWith(name + " of ", StringComparison.Ordinal));
        return isEmpty || (known.Contains(name) && IsDefault(target, name, value, scope)) ? null
            : known.Contains(name) ? what + "a field that changes the meaning is dropped"
            : isReported ? null : what + "an unused field is not reported";
    }

    private static string[] KnownOf(string scope) => scope switch { "tool" => s_ofTools, "call" => s_ofCalls, "message" or "part" or "segment" => s_ofMessages, _ => s_ofRecords };

    private static string[] NamesOf(string scope) => [.. KnownOf(scope), .. s_unknown];

    // A flag with the value that its message has without it, or a value without effect.
    private static bool IsDefault(JsonObject target, string name, string value, string scope)
    {
        if (s_flags.Contains(name) && scope is "message" or "part")
            return value is "true" or "1" or "false" or "0";
        // The name of a tool's result is known already, if it answers a call; an id is the name of a call here.
        return name is "tool_call_id" && target["role"]?.GetValue<string>() is "tool" or "function" or "tool_response";
    }

    // The reason names the field, or where fields exclude each other, another of them.
    private static bool Names(string reason, JsonObject record, JsonObject target, string name) =>
        reason.Contains($"'{name}'", StringComparison.Ordinal)
        || (target == record && record.Any(field => reason.Contains($"'{field.Key}'", StringComparison.Ordinal)))
        || (s_flags.Contains(name) && reason.Contains("none of its messages is learned", StringComparison.Ordinal));

    private static IEnumerable<(string Scope, JsonObject Object)> Places(string scope, JsonObject parent)
    {
        yield return (scope, parent);
        foreach ((string name, JsonNode? value) in parent.ToArray())
        {
            string? inner = name switch
            {
                "messages" or "conversations" or "prompt" or "completion" or "chosen" or "rejected" or "preferred_output" or "non_preferred_output" => "message",
                "content" => "part",
                "segments" => "segment",
                "input" => "input",
                "tools" or "functions" => "tool",
                "tool_calls" or "function_call" => "call",
                "function" => scope,
                _ => null,
            };
            foreach (JsonObject item in inner is null ? [] : (value as JsonArray)?.OfType<JsonObject>() ?? (value is JsonObject single ? [single] : []))
            {
                foreach ((string, JsonObject) place in Places(inner!, item))
                    yield return place;
            }
        }
    }

    // What is learned from the record after the given number of others, with the rating.
    private string Read(string text, int before, bool rates, out IReadOnlyList<UnusedContent> unused)
    {
        string path = _folder.File($"{Environment.CurrentManagedThreadId}.jsonl");
        File.WriteAllText(path, text);
        TrainingDataset data = TrainingDataset.Load(path, s_tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2, ReadRatings = rates });
        unused = data.Report!.Unused;
        IEnumerable<string> samples = data.Samples.Select(sample => $"{LearnedText.Of(sample, s_tokenizer)} {sample.IsDesirable}");
        IEnumerable<string> pairs = data.Pairs.Select(pair => $"{LearnedText.Of(pair.Chosen, s_tokenizer)} and {LearnedText.Of(pair.Rejected, s_tokenizer)}");
        return string.Join('\n', samples.Concat(pairs).Skip(before));
    }

    [GeneratedRegex("[;:] .*(add|remove|leave|keep|write|give|fill|correct|rename|put|set|use|split|let|allow|change|mend|state)|needs? |must be|is needed|(only|pair|give|split|put|let|use) .*(supported|allow|be learned)")]
    private static partial Regex Remedy();
}
