using System.Text;
using System.Text.Json;
using Llama2.Templating.Limits;
using Llama2.Templating.Rendering;
using Llama2.Templating.Values;
using Llama2.Tests;
using Llama2.Tokenization;
using Llama2.Training;

namespace Llama2.Fuzz;

/// <summary>Readers of texts: tokenizers, templates, saved sessions, data sets and their descriptions.</summary>
internal static class TextTargets
{
    public static FuzzTarget Tokenizer() => new(
        [
            .. new[] { "spm512.model", "forms/huggingface/tokenizer.model", "forms/huggingface-sharded/tokenizer.json", "forms/llama2c/tokenizer.bin", "tokenizers/tied-runs.json", "tokenizers/rules.model", "tokenizers/spaces.model" }
                .Select(name => File.ReadAllBytes(Data(name))),
        ],
        input =>
        {
            var tokenizer = ModelTokenizer.Create(TokenizerFile.Parse(input, "fuzz"));
            tokenizer.Decode(tokenizer.Encode("The <s> été 😀\n  thing</s> ", addBeginOfSequence: false));
        })
    { Words = FuzzTargets.JsonWords };

    public static FuzzTarget Template()
    {
        string[] lines = File.ReadAllLines(Data("templates/features.jsonl"));
        using var first = JsonDocument.Parse(lines[0]);
        var variables = first.RootElement.GetProperty("variables").EnumerateObject().ToDictionary(member => member.Name, member => JsonValue.Read(member.Value));
        byte[][] seeds = [.. lines.Skip(1).Select(TemplateOf)];
        return new FuzzTarget(seeds, input => JinjaTemplate.Parse(Encoding.UTF8.GetString(input)).Render(variables, TemplateLimits.Default))
        {
            Words =
            [
                "{% for m in messages %}", "{% endfor %}", "{% if ", "{% endif %}", "{{ ", " }}", "{% set x = ", " %}", "{% macro m(a) %}", "{% endmacro %}", "|join(", "|tojson", "|sort",
                "range(", "namespace(", "messages", "loop.index", "[::-1]", "(((((((((", "[[[[[[[[", "not ", " ~ ", " ** ", " // ", " % ", "9223372036854775807", "-1", "1e308", "'x' * 99999",
                "{% raw %}", "{#", "is defined", "|batch(", "|replace(", ".split(", ".format(", "|map(attribute=", "|selectattr(", "raise_exception(", "strftime_now(",
                "|groupby(", "|format(", "|truncate(", "|safe", "|e", "|slice(", "|urlencode", "|filesizeformat", " recursive", "loop(", "loop.changed(", "caller()", "varargs", "kwargs", "*messages", "**messages[0]",
                "{% call m() %}", "{% endcall %}", "{% with a = ", "{% filter ", "{% block a %}", "cycler(", "joiner(", "dict(", "1e400", "0xFF", "2 ** 65536", "'%*.*f' % (9, 9, 1.5)", "'{:>{}}'.format(", ".zfill(", ".center(", ".expandtabs(",
            ],
        };
    }

    public static FuzzTarget Session()
    {
        var model = LlamaModel.Load(RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"), new LlamaModelOptions { ThreadCount = 1 });
        using var saved = new MemoryStream();
        IChatSession session = model.CreateChatSession(new ChatSessionOptions { SystemPrompt = "Be brief.", Generation = new GenerationOptions { MaxTokens = 2 } });
        _ = session.SendAsync("Hello").ToBlockingEnumerable().Last();
        session.SaveAsync(saved).GetAwaiter().GetResult();
        return new FuzzTarget([saved.ToArray()], input => model.RestoreChatSessionAsync(new MemoryStream(input)).GetAwaiter().GetResult()) { Words = FuzzTargets.JsonWords };
    }

    public static FuzzTarget Dataset()
    {
        var folder = new TemporaryFolder();
        string path = folder.File("data.jsonl");
        var tokenizer = ModelTokenizer.Load(Data("spm512.model"));
        DatasetOptions[] options = [new() { PromptFormat = PromptFormat.Llama2 }, new() { PromptFormat = PromptFormat.Llama2, InvalidRecords = InvalidRecordPolicy.Skip, LongSamples = LongSamplePolicy.Truncate, MaxLength = 16 }];
        string[] records =
        [
            """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi!"}]}""",
            """{"id":1,"conversations":[{"from":"human","value":"Hello"},{"from":"gpt","value":"Hi!"}]}""",
            """{"instruction":"Say hello.","input":"to a","output":"Hi!"}""",
            """{"prompt":[{"role":"user","content":"Hello"}],"completion":[{"role":"assistant","content":"Hi!"}]}""",
            """{"prompt":"Hello","chosen":"Hi!","rejected":"Go away."}""",
            "Once upon a time there was a fox.",
        ];
        byte[][] seeds = [.. records.SelectMany(record => new[] { $"{record}\n{record}\n", $"[{record},{record}]" }).Select(Encoding.UTF8.GetBytes)];
        return new FuzzTarget(seeds, input =>
        {
            File.WriteAllBytes(path, input);
            TrainingDataset.Load(path, tokenizer, options[input.Length % options.Length]);
        })
        { Words = FuzzTargets.JsonWords };
    }

    /// <summary>LLaMA-Factory's file of descriptions, beside the data that it describes.</summary>
    public static FuzzTarget DatasetDescription()
    {
        var folder = new TemporaryFolder();
        string path = folder.File("dataset_info.json");
        var tokenizer = ModelTokenizer.Load(Data("spm512.model"));
        var options = new DatasetOptions { PromptFormat = PromptFormat.Llama2, MaxTokenCount = 10_000 };
        File.WriteAllText(folder.File("chat.json"), """[{"dialogue":[{"who":"guest","says":"Hello"},{"who":"captain","says":"Hi!"}],"role":"Be brief."}]""");
        File.WriteAllText(folder.File("pairs.jsonl"), """{"instruction":"Hello","good":"Hi!","bad":"Go away."}""");
        string[] descriptions =
        [
            """{"a":{"file_name":"chat.json","formatting":"sharegpt","columns":{"messages":"dialogue","system":"role"},"tags":{"role_tag":"who","content_tag":"says","user_tag":"guest","assistant_tag":"captain"},"num_samples":1}}""",
            """{"a":{"file_name":"pairs.jsonl","ranking":true,"columns":{"prompt":"instruction","chosen":"good","rejected":"bad"}},"b":{"file_name":"none.json","split":"train","subset":null}}""",
            """{"b":{"hf_hub_url":"owner/name"},"a":{"file_name":"pairs.jsonl","formatting":"alpaca","columns":{"prompt":"instruction","response":"good"}}}""",
        ];
        return new FuzzTarget([.. descriptions.Select(Encoding.UTF8.GetBytes)], input =>
        {
            File.WriteAllBytes(path, input);
            TrainingDataset.Load(input.Length % 4 == 0 ? path : $"{path}#a", tokenizer, options);
        })
        { Words = [.. FuzzTargets.JsonWords, "\"a\":", "\"b\":", "\"columns\":{", "\"tags\":{", "\"file_name\":", "\"ranking\":true,", "\"num_samples\":", "\"chat.json\"", "\".\"", "\\u0000", "\"history\":"] };
    }

    private static byte[] TemplateOf(string line)
    {
        using var document = JsonDocument.Parse(line);
        return Encoding.UTF8.GetBytes(document.RootElement.GetProperty("template").GetString()!);
    }

    private static string Data(string name) => RepositoryFiles.Committed(["tests", "data", .. name.Split('/')]);
}
