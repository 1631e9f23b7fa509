using System.Text.Json.Nodes;
using Llama2.Tests;

namespace Llama2.Training.Tests.Datasets;

/// <summary>No field that changes what a record means is left out without a word: it changes what is learned, or the record is refused by its name.</summary>
public sealed class UnusedFieldTests : IDisposable
{
    // Fields with which TRL, axolotl, LLaMA-Factory, ms-swift or OpenAI learn something else. They are listed here once more, from these tools'
    // documentation, so that the list of the reader is checked.
    private static readonly string[] s_ofRecords =
    [
        "system", "system_prompt", "history", "tools", "functions", "label", "kto_tag", "images", "image", "videos", "audios", "chosen", "rejected", "chosen_response", "rejected_response",
        "preferred_output", "non_preferred_output", "messages", "conversations", "prompt", "completion", "completions", "labels", "response", "output", "answer", "question", "query", "input",
        "instruction", "context", "segments", "choices", "reflection", "corrected", "answers", "weight", "train_on_input", "chat_template_kwargs", "margin", "System", "Instruction", "system-prompt",
    ];

    private static readonly string[] s_ofMessages =
        ["weight", "train", "training", "loss", "train_detail", "name", "tool_calls", "function_call", "refusal", "audio", "reasoning_content", "thinking", "images", "label", "mask", "prefix", "text"];

    private static readonly string[] s_bases =
    [
        """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."},{"role":"user","content":"Dog?"},{"role":"assistant","content":"Woof."}]}""",
        """{"conversations":[{"from":"human","value":"Cat?"},{"from":"gpt","value":"Meow."},{"from":"human","value":"Dog?"},{"from":"gpt","value":"Woof."}]}""",
        """{"instruction":"Name the sound.","input":"cat","output":"Meow."}""",
        """{"prompt":"Cat?","completion":"Meow."}""",
        """{"prompt":[{"role":"user","content":"Cat?"}],"completion":[{"role":"assistant","content":"Meow."}]}""",
        """{"question":"Cat?","answer":"Meow."}""",
        """{"prompt":"Cat?","chosen":"Meow.","rejected":"Woof."}""",
        """{"chosen":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."}],"rejected":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Woof."}]}""",
        """{"conversations":[{"from":"human","value":"Cat?"}],"chosen":{"from":"gpt","value":"Meow."},"rejected":{"from":"gpt","value":"Woof."}}""",
        """{"instruction":"Cat?","chosen_response":"Meow.","rejected_response":"Woof."}""",
        """{"input":{"messages":[{"role":"user","content":"Cat?"}]},"preferred_output":[{"role":"assistant","content":"Meow."}],"non_preferred_output":[{"role":"assistant","content":"Woof."}]}""",
        """{"text":"Cats say meow."}""",
        """{"segments":[{"label":false,"text":"<s>Cat?"},{"label":true,"text":"Meow.</s>"}]}""",
    ];

    private static readonly string[] s_values = ["\"ahoy there\"", "false", "0", "[\"ahoy\"]", "[{\"role\":\"user\",\"content\":\"ahoy\"}]", "{\"ahoy\":1}", "[[\"ahoy\",\"there\"]]", "[{\"from\":\"gpt\",\"value\":\"ahoy\"}]"];

    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(RepositoryFiles.Committed("tests", "data", "spm512.model"));

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Load_FieldOfARecord_ChangesWhatIsLearnedOrIsRefused()
    {
        List<string> dropped = [];
        foreach (string record in s_bases)
        {
            string learned = LearnedText.Of(Load(record), s_tokenizer);
            foreach ((string name, string value) in s_ofRecords.SelectMany(name => s_values.Select(value => (name, value))))
            {
                JsonObject changed = JsonNode.Parse(record)!.AsObject();
                if (changed.TryAdd(name, JsonNode.Parse(value)) && !IsSeen(learned, changed, name))
                    dropped.Add(changed.ToJsonString());
            }
        }

        dropped.Should().BeEmpty();
    }

    [Fact]
    public void Load_FieldOfAMessage_ChangesWhatIsLearnedOrIsRefused()
    {
        List<string> dropped = [];
        foreach (string record in s_bases)
        {
            string learned = LearnedText.Of(Load(record), s_tokenizer);
            int count = Messages(JsonNode.Parse(record)!).Count();
            foreach ((string name, string value, int index) in s_ofMessages.SelectMany(name => s_values.SelectMany(value => Enumerable.Range(0, count).Select(index => (name, value, index)))))
            {
                JsonObject changed = JsonNode.Parse(record)!.AsObject();
                JsonObject message = Messages(changed).ElementAt(index);
                message.Add(name, JsonNode.Parse(value));
                // A question is not learned without a flag either.
                bool isDefault = value is "false" or "0" && (message["role"] ?? message["from"])!.GetValue<string>() is "user" or "human";
                if (!isDefault && !IsSeen(learned, changed, name))
                    dropped.Add(changed.ToJsonString());
            }
        }

        dropped.Should().BeEmpty();
    }

    [Fact]
    public void Load_FieldsWithoutMeaning_AreReportedAndChangeNothing()
    {
        const string Record = """{"id":"7","source":"web","prompt_id":null,"messages":[{"role":"user","content":"Cat?","timestamp":1},{"role":"assistant","content":"Meow.","weight":null}],"images":[],"tools":"[]","system":"","score":0.5}""";

        TrainingDataset data = Load(Record + "\n" + s_bases[0]);

        LearnedText.Of(data.Samples[0], s_tokenizer).Should().Be("<s> [INST] Cat? [/INST]⟦ Meow. </s>⟧");
        data.Report!.Unused.Should().BeEquivalentTo([new UnusedContent("id", 1), new UnusedContent("source", 1), new UnusedContent("score", 1), new UnusedContent("timestamp of messages", 1)]);
    }

    [Fact]
    public void Load_IgnoredField_IsReadAsIfItWereMissing()
    {
        const string Record = """{"prompt":"Cat?","completion":"Meow.","label":true,"system":"Be brief."}""";

        FluentActions.Invoking(() => Load(Record)).Should().Throw<TrainingDataException>().WithMessage("*'label' is not used*DatasetOptions.IgnoredFields*");
        LearnedText.Of(Load(Record, new DatasetOptions { IgnoredFields = ["label", "system"], PromptFormat = PromptFormat.Llama2 }), s_tokenizer).Should().Be("<s> [INST] Cat? [/INST]⟦ Meow. </s>⟧");
    }

    [Fact]
    public void Load_FieldThatRepeatsTheConversation_IsNotMissed()
    {
        const string Record = """{"prompt":"Cat?","messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."}]}""";

        LearnedText.Of(Load(Record), s_tokenizer).Should().Be("<s> [INST] Cat? [/INST]⟦ Meow. </s>⟧");
        FluentActions.Invoking(() => Load(Record.Replace("\"prompt\":\"Cat?\"", "\"prompt\":\"Dog?\"", StringComparison.Ordinal))).Should().Throw<TrainingDataException>().WithMessage("*line 1: 'prompt' is not used*");
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<JsonObject> Messages(JsonNode node) => node switch
    {
        JsonObject message when message.ContainsKey("role") || message.ContainsKey("from") => [message],
        JsonObject parent => parent.SelectMany(field => field.Value is null ? [] : Messages(field.Value)),
        JsonArray list => list.SelectMany(item => Messages(item!)),
        _ => [],
    };

    // Whether a changed record is learned otherwise, or refused on its line with the name of a field. Of fields that exclude each other, any may be named.
    private bool IsSeen(string learned, JsonObject changed, string name)
    {
        try
        {
            return LearnedText.Of(Load(changed.ToJsonString()), s_tokenizer) != learned;
        }
        catch (TrainingDataException exception)
        {
            return exception.LineNumber == 1 && changed.Select(field => field.Key).Append(name).Any(field => exception.Reason.Contains($"'{field}'", StringComparison.Ordinal));
        }
    }

    private TrainingDataset Load(string text, DatasetOptions? options = null)
    {
        string path = _folder.File("data.jsonl");
        File.WriteAllText(path, text);
        return TrainingDataset.Load(path, s_tokenizer, options ?? new DatasetOptions { PromptFormat = PromptFormat.Llama2 });
    }
}
