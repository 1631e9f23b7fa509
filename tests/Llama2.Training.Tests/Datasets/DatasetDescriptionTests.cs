using Llama2.Tests;

namespace Llama2.Training.Tests.Datasets;

/// <summary>Descriptions in LLaMA-Factory's dataset_info.json, as its data/README.md documents them and its data/parser.py and data/converter.py read them.</summary>
public sealed class DatasetDescriptionTests : IDisposable
{
    private const string Cat = "<s> [INST] Cat? [/INST]⟦ Meow. </s>⟧", Dog = "<s> [INST] Dog? [/INST]⟦ Woof. </s>⟧", Bird = "<s> [INST] Bird? [/INST]⟦ Tweet. </s>⟧";
    private const string Brief = "<s> [INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nCat? [/INST]⟦ Meow. </s>⟧";
    private const string Pair = Cat + "\n<s> [INST] Cat? [/INST]⟦ Woof. </s>⟧";
    private const string OpenAiTags = """ "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant", "system_tag": "system"}""";

    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(RepositoryFiles.Committed("tests", "data", "spm512.model"));

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string, string> Learned => new()
    {
        // the examples of data/README.md
        { """ "file_name": "data.json" """, """[{"instruction":"Cat?","input":"","output":"Meow."}]""", Cat },
        { """ "file_name": "data.json", "columns": {"prompt": "instruction", "query": "input", "response": "output", "system": "system", "history": "history"} """, """[{"instruction":"Dog?","input":"Now!","output":"Woof.","system":"","history":[["Cat?","Meow."]]}]""", Cat + "<s> [INST] Dog?\nNow! [/INST]⟦ Woof. </s>⟧" },
        { """ "file_name": "data.json", "columns": {"prompt": "text"} """, """[{"text":"Cats say meow."}]""", "<s>⟦ Cats say meow.</s>⟧" },
        { """ "file_name": "data.json", "ranking": true, "columns": {"prompt": "instruction", "query": "input", "chosen": "chosen", "rejected": "rejected"} """, """[{"instruction":"Cat?","input":"","chosen":"Meow.","rejected":"Woof."}]""", Pair },
        { """ "file_name": "data.json", "formatting": "sharegpt", "columns": {"messages": "conversations", "system": "system", "tools": "tools"} """, """[{"conversations":[{"from":"human","value":"Cat?"},{"from":"gpt","value":"Meow."}],"system":"Be brief.","tools":""}]""", Brief },
        { """ "file_name": "data.json", "formatting": "sharegpt", "ranking": true, "columns": {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"} """, """[{"conversations":[{"from":"human","value":"Cat?"}],"chosen":{"from":"gpt","value":"Meow."},"rejected":{"from":"gpt","value":"Woof."}}]""", Pair },
        { """ "file_name": "data.json", "formatting": "sharegpt", "columns": {"messages": "messages"}, """ + OpenAiTags, """[{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."}]}]""", Brief },
        // columns of its dataset_info.json
        { """ "file_name": "data.json", "columns": {"prompt": "question", "response": "response", "system": "system_prompt"} """, """[{"question":"Cat?","response":"Meow.","system_prompt":"Be brief.","id":"flan.1"}]""", Brief },
        { """ "file_name": "data.json", "columns": {"prompt": "content", "response": "summary"}, "split": "train", "subset": null, "num_samples": null """, """[{"content":"Cat?","summary":"Meow."}]""", Cat },
        { """ "file_name": "data.json", "columns": {"prompt": "input", "response": "target"} """, """[{"input":"Cat?","target":"Meow.","kind":"sounds"}]""", Cat },
        // names that the forms give to other fields
        { """ "file_name": "data.json", "columns": {"prompt": "output", "response": "instruction"} """, """[{"output":"Cat?","instruction":"Meow."}]""", Cat },
        { """ "file_name": "data.json", "formatting": "sharegpt", "columns": {"messages": "content", "system": "value"}, "tags": {"role_tag": "value", "content_tag": "content", "user_tag": "gpt", "assistant_tag": "human"} """, """[{"value":"Be brief.","content":[{"value":"gpt","content":"Cat?"},{"value":"human","content":"Meow."}]}]""", Brief },
        // a turn takes the place of the column, as documented
        { """ "file_name": "data.json", "formatting": "sharegpt", "columns": {"messages": "conversations", "system": "sys"} """, """[{"conversations":[{"from":"system","value":"Be brief."},{"from":"human","value":"Cat?"},{"from":"gpt","value":"Meow."}],"sys":"Be long."}]""", Brief },
        // calls
        { """ "file_name": "data.json", "formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant", "function_tag": "call", "observation_tag": "result"} """, """[{"messages":[{"role":"user","content":"Cat?"},{"role":"call","content":"{\"name\":\"f\",\"arguments\":{}}"},{"role":"result","content":"1"},{"role":"assistant","content":"Meow."}]}]""", "<s> [INST] Cat? [/INST]⟦ <tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call> </s>⟧<s> [INST] <tool_response>\n{\"name\": \"f\", \"content\": 1}\n</tool_response> [/INST]⟦ Meow. </s>⟧" },
    };

    public static TheoryData<string, int, string> RefusedDescriptions => new()
    {
        { """ "hf_hub_url": "a/b" """, 3, "'hf_hub_url' is not supported: download the data, and name their file as 'file_name', and remove this field" },
        { """ "ms_hub_url": "a/b", "file_name": "data.json" """, 3, "'ms_hub_url' is not supported" },
        { """ "om_hub_url": "a/b" """, 3, "'om_hub_url' is not supported" },
        { """ "cloud_file_name": "s3://a" """, 3, "'cloud_file_name' is not supported: download" },
        { """ "script_url": "a" """, 3, "'script_url' is not supported: scripts are not run" },
        { "\"file_name\": \"data.json\",\n\"subset\": \"en\"", 4, "'subset' is not supported: a file has no subsets: name the file" },
        { "\"file_name\": \"data.json\",\n\n\"split\": \"test\"", 5, "'split' is not supported: a file has one split" },
        { """ "file_name": "data.json", "split": "train[:10]" """, 3, "'split' is not supported" },
        { """ "file_name": "data.json", "folder": "x" """, 3, "'folder' is not supported" },
        { """ "formatting": "alpaca" """, 2, "'file_name' is missing in the description of 'cats'; add" },
        { """ "file_name": "none.json" """, 3, "'file_name' is 'none.json', and there is no file or folder*correct the path, which is relative to the folder of this file" },
        { """ "file_name": "empty" """, 3, "'file_name' is 'empty', a folder without files" },
        { """ "file_name": 5 """, 3, "'file_name' is 5; it must be a text" },
        { """ "file_name": "data.json", "formatting": "chatml" """, 3, "'formatting' is 'chatml'; it must be 'alpaca' or 'sharegpt'" },
        { """ "file_name": "data.json", "formatting": "openai" """, 3, "'formatting' is 'openai', with which*write 'sharegpt', with the tags" },
        { """ "file_name": "data.json", "ranking": "yes" """, 3, "'ranking' is 'yes'; it must be true or false" },
        { """ "file_name": "data.json", "num_samples": 0 """, 3, "'num_samples' is 0; it must be a whole number above 0" },
        { """ "file_name": "data.json", "num_samples": 2.5 """, 3, "'num_samples' is 2.5; it must be" },
        { """ "file_name": "data.json", "num_samples": 3 """, 3, "'num_samples' is 3, and the data have 1 records; remove it" },
        { """ "file_name": "data.json", "collumns": {} """, 3, "'collumns' is not a field of a description*the fields here are file_name, formatting" },
        { "\"file_name\": \"data.json\", \"columns\": {\n\"prompt\": \"instruction\",\n\"answer\": \"output\"}", 5, "'columns.answer' is not a field of a description*columns.prompt, columns.query" },
        { """ "file_name": "data.json", "tags": {"tool_calls_tag": "tool_calls"} """, 3, "'tags.tool_calls_tag' is not a field of a description*tags.role_tag" },
        { """ "file_name": "data.json", "columns": [] """, 3, "'columns' is not an object" },
        { """ "file_name": "data.json", "columns": {"prompt": 3} """, 3, "'columns.prompt' is 3; it must be a text" },
        { """ "file_name": "data.json", "columns": {"response": "output"} """, 3, "'columns.prompt' is missing; add the name of the column" },
        { """ "file_name": "data.json", "formatting": "sharegpt", "columns": {"system": "s"} """, 3, "'columns.messages' is missing" },
        { """ "file_name": "data.json", "ranking": true, "columns": {"prompt": "a", "chosen": "b"} """, 3, "'columns.rejected' is missing" },
        { """ "file_name": "data.json", "ranking": true """, 2, "'columns.chosen' is missing" },
        { """ "file_name": "data.json", "columns": {"prompt": "instruction", "chosen": "output"} """, 3, "'columns.chosen' is for pairs of answers: add \"ranking\": true" },
        { """ "file_name": "data.json", "formatting": "sharegpt", "columns": {"messages": "a", "prompt": "b"} """, 3, "'columns.prompt' is not used with the formatting 'sharegpt'" },
        { """ "file_name": "data.json", "columns": {"messages": "conversations"} """, 3, "'columns.messages' is not used with the formatting 'alpaca': correct the formatting" },
        { """ "file_name": "data.json", "columns": {"prompt": "instruction", "system": "sys"} """, 3, "'columns.system' is used only together with an answer: name the answers as 'columns.response'" },
        { """ "file_name": "data.json", "columns": {"prompt": "output", "response": "output"} """, 3, "'columns.response' names the same column as 'columns.prompt'" },
        { """ "file_name": "data.json", "columns": {"prompt": "instruction", "response": "output", "system": "sys"} """, 3, "'columns.system' names 'sys', which no record has; correct it" },
        { """ "file_name": "data.json", "formatting": "sharegpt", "tags": {"role_tag": "role"} """, 3, "'tags' lacks 'content_tag', which LLaMA-Factory needs" },
        { """ "file_name": "data.json", "formatting": "sharegpt", "tags": {"role_tag": "a", "content_tag": "b", "user_tag": "x", "assistant_tag": "x"} """, 3, "'tags.assistant_tag' is 'x', like another tag" },
        { """ "file_name": "data.json", "file_name": "data.json" """, 3, "'file_name' is given twice" },
    };

    public static TheoryData<string, string, string> RefusedRecords => new()
    {
        { """ "file_name": "data.json" """, """[{"instruction":"Cat?","output":"Meow.","system":"Be brief."}]""", "'system' is not used, and would change what is learned; name it in the description's 'columns', remove it, or allow" },
        { """ "file_name": "data.json", "columns": {"prompt": "instruction", "response": "output"} """, """[{"instruction":"Add.","input":"4 and 8","output":"12."}]""", "'input' is not used" },
        { """ "file_name": "data.json", "columns": {"prompt": "instruction", "response": "output", "kto_tag": "good"} """, """[{"instruction":"Cat?","output":"Meow.","good":true}]""", "'good' is not used: a rating of the answer" },
        { """ "file_name": "data.json", "columns": {"prompt": "instruction", "response": "output", "images": "pictures"} """, """[{"instruction":"Cat?","output":"Meow.","pictures":["a.png"]}]""", "'pictures' is not used: only texts can be learned" },
        { """ "file_name": "data.json", "formatting": "sharegpt" """, """[{"conversations":[{"from":"user","value":"Cat?"},{"from":"gpt","value":"Meow."}]}]""", "the role 'user' of message 0 of 'conversations' is not one of 'human', 'gpt', 'observation', 'function_call', 'system'; rename it" },
        { """ "file_name": "data.json", "formatting": "sharegpt" """, """[{"conversations":[{"from":"human","value":"Cat?"},{"from":"gpt","value":"Meow.","train":false}]}]""", "'train' of message 1 of 'conversations' is not used, and would change what is learned; remove it or rename it" },
        { """ "file_name": "data.json", "formatting": "sharegpt" """, """[{"conversations":[{"from":"human","value":"Cat?"},{"from":"gpt","value":"Meow."},{"from":"system","value":"Hi."},{"from":"gpt","value":"Meow."}]}]""", "turn 2 of 'conversations' is a system message" },
        // LLaMA-Factory leaves these records out
        { """ "file_name": "data.json", "formatting": "sharegpt" """, """[{"conversations":[{"from":"gpt","value":"Hello."},{"from":"human","value":"Cat?"},{"from":"gpt","value":"Meow."}]}]""", "the turns of 'conversations' do not alternate: turn 0 is another answer" },
        { """ "file_name": "data.json", "formatting": "sharegpt" """, """[{"conversations":[{"from":"human","value":"Cat?"},{"from":"gpt","value":"Meow."},{"from":"human","value":"Dog?"}]}]""", "'conversations' does not end with an answer" },
    };

    [Theory]
    [MemberData(nameof(Learned))]
    public void Load_Description_IsLearnedAsLlamaFactoryLearnsIt(string fields, string data, string expected)
    {
        LearnedText.Of(Load(fields, data), s_tokenizer).Should().Be(expected);
    }

    [Theory]
    [MemberData(nameof(RefusedDescriptions))]
    public void Load_DescriptionThatCannotBeFollowed_IsRefusedByFieldAndLine(string fields, int line, string fault)
    {
        Directory.CreateDirectory(_folder.File("empty"));
        TrainingDataException exception = FluentActions.Invoking(() => Load(fields, """[{"instruction":"Cat?","output":"Meow."}]""")).Should().Throw<TrainingDataException>().WithMessage($"*{fault}*").Which;

        (exception.Path, exception.LineNumber).Should().Be((_folder.File("dataset_info.json"), line));
    }

    [Theory]
    [MemberData(nameof(RefusedRecords))]
    public void Load_RecordThatTheDescriptionDoesNotCover_IsRefusedByFieldAndLine(string fields, string data, string fault)
    {
        TrainingDataException exception = FluentActions.Invoking(() => Load(fields, "\n" + data)).Should().Throw<TrainingDataException>().WithMessage($"*{fault}*").Which;

        (exception.Path, exception.LineNumber).Should().Be((_folder.File("data.json"), 2));
    }

    [Fact]
    public void Load_FieldThatTheDescriptionDoesNotName_CanBeIgnored() =>
        LearnedText.Of(Load(""" "file_name": "data.json" """, """[{"instruction":"Cat?","output":"Meow.","system":"Be brief."}]""", new DatasetOptions { IgnoredFields = ["system"] }), s_tokenizer).Should().Be(Cat);

    [Fact]
    public void Load_Ratings_AreOfTheNamedColumn()
    {
        TrainingDataset data = Load(""" "file_name": "data.json", "columns": {"prompt": "instruction", "response": "output", "kto_tag": "good"} """, """[{"instruction":"Cat?","output":"Meow.","good":false}]""", new DatasetOptions { ReadRatings = true });

        data.Samples.Should().ContainSingle().Which.IsDesirable.Should().BeFalse();
    }

    [Fact]
    public void Load_Folder_IsAllItsFilesInTheOrderOfTheirNames()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        File.WriteAllText(_folder.File("parts/b.jsonl"), """{"instruction":"Bird?","output":"Tweet."}""");
        File.WriteAllText(_folder.File("parts/a.csv"), "instruction,output\nCat?,Meow.\nDog?,Woof.\n");
        List<double> progress = [];

        TrainingDataset data = Load(""" "file_name": "parts" """, "", progress: new Progress(progress));

        LearnedText.Of(data, s_tokenizer).Should().Be(string.Join('\n', Cat, Dog, Bird));
        data.Report!.RecordCount.Should().Be(3);
        progress.Should().BeInAscendingOrder().And.OnlyContain(value => value <= 1).And.Contain(1);
        TrainingDataset.GetFiles(_folder.File("dataset_info.json") + "#cats").Should().Equal(_folder.File("parts/a.csv"), _folder.File("parts/b.jsonl"));
    }

    [Fact]
    public void Load_SampleCount_ChoosesTheSameRecordsEachTime()
    {
        string records = string.Join('\n', Enumerable.Range(0, 40).Select(i => $$"""{"instruction":"Say {{i}}.","output":"{{i}}"}"""));

        TrainingDataset data = Load(""" "file_name": "data.json", "num_samples": 10 """, records), again = Load(""" "file_name": "data.json", "num_samples": 10 """, records);

        string[] learned = [.. data.Samples.Select(sample => LearnedText.Of(sample, s_tokenizer))];
        learned.Should().HaveCount(10).And.OnlyHaveUniqueItems();
        learned.Should().Equal(again.Samples.Select(sample => LearnedText.Of(sample, s_tokenizer)));
        learned.Should().NotEqual(Load(""" "file_name": "data.json" """, records).Samples.Take(10).Select(sample => LearnedText.Of(sample, s_tokenizer)), "they are chosen at random");
        data.Report!.TokenCount.Should().Be(data.Samples.Sum(sample => sample.Tokens.Length));
    }

    [Theory]
    [InlineData("{\"a\": {\"file_name\": \"data.json\"}, \"b\": {}}", "", "it describes 'a', 'b'; name one of them, as in dataset_info.json#a")]
    [InlineData("{\"a\": {}, \"b\": {}}", "#c", "there is no data set 'c'; it describes 'a', 'b'")]
    [InlineData("{}", "", "there is no data set ''; it describes no data set")]
    [InlineData("{\"a\": []}", "#a", "line 1: the description is not an object")]
    [InlineData("[1]", "#a", "the file is not an object whose fields are the names of data sets")]
    [InlineData("{\"a\": {},\n}", "#a", "the file of descriptions is not JSON: line 2, byte 1: '}' does not belong there")]
    [InlineData("{\"a\": {}} x", "#a", "the file of descriptions is not JSON: byte 11: 'x'")]
    [InlineData("{\"a\": {\"file_name\": \"\\ud800\"}}", "#a", "the description has a text that is not UTF-8, or contains half of a surrogate pair")]
    [InlineData("{\"a\": {\n},\n\"a\": {}}", "#a", "line 3: 'a' is described twice")]
    [InlineData("", "#a", "the file of descriptions is empty")]
    public void Load_FileWithoutTheDescription_SaysWhatIsThere(string json, string name, string fault)
    {
        File.WriteAllText(_folder.File("dataset_info.json"), json);

        FluentActions.Invoking(() => TrainingDataset.Load(_folder.File("dataset_info.json") + name, s_tokenizer)).Should().Throw<TrainingDataException>().WithMessage($"*{fault}*");
    }

    [Fact]
    public void Load_OnlyDescription_NeedsNoName()
    {
        File.WriteAllText(_folder.File("dataset_info.json"), "\uFEFF{\"a\": {\"file_name\": \"data.json\"}}");
        File.WriteAllText(_folder.File("data.json"), """{"instruction":"Cat?","output":"Meow."}""");

        LearnedText.Of(TrainingDataset.Load(_folder.File("dataset_info.json"), s_tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2 }), s_tokenizer).Should().Be(Cat);
    }

    [Fact]
    public void Load_DescriptionAndOptionsThatSayTheSame_IsRefused()
    {
        DatasetOptions[] all = [new() { Format = DatasetFormat.Chat }, new() { FieldNames = new Dictionary<string, string> { ["instruction"] = "x" } }, new() { RoleNames = new Dictionary<string, string> { ["x"] = "user" } }];
        foreach (DatasetOptions options in all)
            FluentActions.Invoking(() => Load(""" "file_name": "data.json" """, """{"instruction":"Cat?","output":"Meow."}""", options)).Should().Throw<TrainingDataException>().WithMessage("*it describes the data, so*change the description instead*");
    }

    [Fact]
    public void Load_PlainTextForADescription_IsRefused()
    {
        File.WriteAllText(_folder.File("data.txt"), "Cats say meow.\n");

        FluentActions.Invoking(() => Load(""" "file_name": "data.txt", "columns": {"prompt": "text"} """, "")).Should().Throw<TrainingDataException>().WithMessage("*the file is plain text, and records of the format DatasetFormat.TextRecords were requested; write them as*");
    }

    [Fact]
    public void Load_DescriptionOfTheDocumentation_IsLearned()
    {
        string folder = _folder.Path;
        ModelTokenizer tokenizer = s_tokenizer;
        string page = File.ReadAllText(RepositoryFiles.Committed("docs", "finetuning.md"));
        File.WriteAllText(_folder.File("dataset_info.json"), page[page.IndexOf("{\n  \"sailor\"", StringComparison.Ordinal)..].Split("```")[0]);
        File.WriteAllText(_folder.File("sailor.json"), """[{"dialogue":[{"who":"guest","says":"Cat?"},{"who":"captain","says":"Meow."}],"role":"Be brief."}]""");

        TrainingDataset data = TrainingDataset.Load(Path.Combine(folder, "dataset_info.json#sailor"), tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2 });

        LearnedText.Of(data, tokenizer).Should().Be(Brief);
    }

    public void Dispose() => _folder.Dispose();

    private TrainingDataset Load(string fields, string data, DatasetOptions? options = null, IProgress<double>? progress = null)
    {
        File.WriteAllText(_folder.File("dataset_info.json"), "{\"others\": {\"hf_hub_url\": \"a/b\"},\n\"cats\": {\n" + fields + "}}");
        File.WriteAllText(_folder.File("data.json"), data);
        return TrainingDataset.Load(_folder.File("dataset_info.json") + "#cats", s_tokenizer, (options ?? new DatasetOptions()) with { PromptFormat = PromptFormat.Llama2 }, progress);
    }

    private sealed class Progress(List<double> values) : IProgress<double>
    {
        public void Report(double value) => values.Add(value);
    }
}
