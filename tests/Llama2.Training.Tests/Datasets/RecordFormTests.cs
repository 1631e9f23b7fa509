using Llama2.Tests;

namespace Llama2.Training.Tests.Datasets;

/// <summary>The forms of records, in the variants that tools and published data sets have.</summary>
public sealed class RecordFormTests : IDisposable
{
    private const string Cat = "<s> [INST] Cat? [/INST]⟦ Meow. </s>⟧", Dog = "<s> [INST] Dog? [/INST]⟦ Woof. </s>⟧";
    private const string Pair = Cat + "\n<s> [INST] Cat? [/INST]⟦ Woof. </s>⟧";
    private const string Brief = "<s> [INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nCat? [/INST]⟦ Meow. </s>⟧";

    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(RepositoryFiles.Committed("tests", "data", "spm512.model"));

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Learned => new()
    {
        // ms-swift
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."}],"rejected_response":"Woof."}""", Pair },
        { """{"query":"Cat?","response":"Meow.","rejected_response":"Woof."}""", Pair },
        { """{"query":"Dog?","response":"Woof.","history":[["Cat?","Meow."]]}""", Cat + Dog },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow.","loss":false},{"role":"user","content":"Dog?"},{"role":"assistant","content":"Woof.","loss":true}]}""", "<s> [INST] Cat? [/INST] Meow. </s>" + Dog },
        // axolotl
        { """{"system":"Be brief.","instruction":"Cat?","chosen_response":"Meow.","rejected_response":"Woof."}""", Brief + "\n" + Brief.Replace("Meow", "Woof", StringComparison.Ordinal) },
        { """{"input":"Cat?","chosen":"Meow.","rejected":"Woof."}""", Pair },
        { """{"messages":[{"role":"user","content":"Cat?"}],"chosen":{"role":"assistant","content":"Meow."},"rejected":{"role":"assistant","content":"Woof."}}""", Pair },
        { """{"conversations":[{"from":"human","value":"Cat?","train":true},{"from":"gpt","value":"Meow.","train":false}]}""", "<s> [INST]⟦ Cat?⟧ [/INST] Meow. </s>" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":[{"type":"text","text":"Me","train":true},{"type":"text","text":"ow.","train":true}]}]}""", Cat },
        { """{"instruction":"Cat?","response":"Meow."}""", Cat },
        // LLaMA-Factory
        { """{"instruction":"","input":"Cat?","output":"Meow."}""", Cat },
        { """{"instruction":"Cat?","input":"Now!","chosen":"Meow.","rejected":"Woof.","history":[]}""", "<s> [INST] Cat?\nNow! [/INST]⟦ Meow. </s>⟧\n<s> [INST] Cat?\nNow! [/INST]⟦ Woof. </s>⟧" },
        // TRL
        { """{"prompt":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."},{"role":"user","content":"Dog?"}],"completion":[{"role":"assistant","content":"Woof."}]}""", "<s> [INST] Cat? [/INST] Meow. </s>" + Dog },
        { """{"prompt":[{"role":"user","content":"Cat?"}],"chosen":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."}],"rejected":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Woof."}]}""", Pair },
        { """{"text":"<s>Cat </s>"}""", "<s>⟦ Cat </s>⟧" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."}],"chosen":null,"label":null}""", Cat },
        // OpenAI, also its former functions
        { """{"messages":[{"role":"developer","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"Cat?"}]},{"role":"assistant","content":"Meow."}],"parallel_tool_calls":false}""", Brief },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"1"},{"role":"assistant","content":"Meow."}]}""", "<s> [INST] Cat? [/INST]⟦ <tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call> </s>⟧<s> [INST] <tool_response>\n{\"name\": \"f\", \"content\": 1}\n</tool_response> [/INST]⟦ Meow. </s>⟧" },
        // ms-swift's calls
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"tool_call","content":"{\"name\":\"f\",\"arguments\":{}}"},{"role":"tool_response","content":"1"},{"role":"assistant","content":"Meow."}]}""", "<s> [INST] Cat? [/INST]⟦ <tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call> </s>⟧<s> [INST] <tool_response>\n{\"name\": \"f\", \"content\": 1}\n</tool_response> [/INST]⟦ Meow. </s>⟧" },
        // axolotl: flags of the parts of a question, pygmalion's names
        { """{"messages":[{"role":"user","content":[{"type":"text","text":"Cat?","train":true}]},{"role":"assistant","content":"Meow.","train":false}]}""", "<s> [INST]⟦ Cat?⟧ [/INST] Meow. </s>" },
        { """{"conversations":[{"role":"user","value":"Cat?"},{"role":"assistant","value":"Meow."}]}""", Cat },
        // texts that look like empty lists
        { """{"instruction":"Count.","input":"[]","output":"0"}""", "<s> [INST] Count.\n[] [/INST]⟦ 0 </s>⟧" },
        { """{"prompt":"Cat?","completion":"null","images":"[]","tools":"null"}""", "<s> [INST] Cat? [/INST]⟦ null </s>⟧" },
        // Stanford's rendering beside the parts
        { """{"instruction":"Cat?","input":"","output":"Meow.","text":"Below is an instruction that describes a task.\n\n### Instruction:\nCat?\n\n### Response:\nMeow."}""", Cat },
        // TRL: the same flags in both conversations
        { """{"chosen":[{"role":"user","content":"Cat?","loss":false},{"role":"assistant","content":"Meow."}],"rejected":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Woof."}]}""", Pair },
        // tables, which have texts only
        { """{"conversations":"[{\"from\":\"human\",\"value\":\"Cat?\"},{\"from\":\"gpt\",\"value\":\"Meow.\",\"train\":\"True\"}]","history":""}""", Cat },
        // several results of one answer's calls
        { """{"conversations":[{"from":"human","value":"Cat?"},{"from":"function_call","value":"[{\"name\":\"f\",\"arguments\":{}},{\"name\":\"g\",\"arguments\":\"{}\"}]"},{"from":"observation","value":"1"},{"from":"observation","value":"2"},{"from":"gpt","value":"Meow."}]}""", "<s> [INST] Cat? [/INST]⟦ <tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>\n<tool_call>\n{\"name\": \"g\", \"arguments\": {}}\n</tool_call> </s>⟧<s> [INST] <tool_response>\n{\"name\": \"f\", \"content\": 1}\n</tool_response>\n<tool_response>\n{\"name\": \"g\", \"content\": 2}\n</tool_response> [/INST]⟦ Meow. </s>⟧" },
    };

    public static TheoryData<string, string> Refused => new()
    {
        { """{"instruction":"Summarize.","text":"A long article.","output":"Short."}""", "'text' is not used, and would change what is learned" },
        { """{"article":"Cats say meow.","question":"Cat?","answer":"Meow."}""", "'article' is not used" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow.","train_detail":[{"begin_offset":0,"end_offset":2,"train":false}]}]}""", "'train_detail' of message 1 of 'messages' is not used: flags for parts of a text are not supported: split the text" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","tool_calls":[{"name":"f","parameters":{"x":1}}]},{"role":"tool","content":"1"},{"role":"assistant","content":"Meow."}]}""", "'parameters' of call 0 of 'tool_calls' of message 1 of 'messages' is not used" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","tool_calls":[{"type":"code_interpreter","name":"f"}]}]}""", "'type' of call 0 of 'tool_calls' of message 1 of 'messages' is 'code_interpreter'; only calls of functions" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."}],"tools":[{"name":"f","inputSchema":{"type":"object"}}]}""", "'inputSchema' of tool 0 of 'tools' is not used" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."}],"tools":[{"type":"function","name":"g","function":{"name":"f"}}]}""", "'name' of tool 0 of 'tools' is not used" },
        { """{"prompt":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow.","train":true},{"role":"user","content":"Dog?"}],"completion":[{"role":"assistant","content":"Woof."}]}""", "a message before the answer has a flag ('train', 'training', 'loss' or 'weight')*remove the flag" },
        { """{"prompt":"Cat?","chosen":"Meow.","rejected":"Woof.","ref_chosen_logps":-1.5,"ref_rejected_logps":-2}""", "'ref_chosen_logps' is not used: log-probabilities of the reference model*remove the field" },
        { """{"text":"Cats say meow.","input_ids":[1,2],"attention_mask":[1,1]}""", "'input_ids' is not used: records that are already tokens are not read: give their texts" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."}],"response":"Meow!","rejected_response":"Woof."}""", "the prompt ends with an answer, and 'response' and 'rejected_response' are further ones; remove one" },
        { """{"rejected":"Woof.","conversations":[{"from":"system","value":"x"},{"from":"human","value":"a"}]}""", "'conversations' does not end with an answer" },
        { """{"conversations":[{"from":"human","value":"Cat?"},{"from":"gpt","value":"Meow."},{"from":"system","value":"x"},{"from":"gpt","value":"Meow."}]}""", "turn 2 of 'conversations' is a system message, which can only be the first turn; remove it" },
        { """{"messages":[{"role":"system","content":[{"type":"text","text":"Be brief.","train":true}]},{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."}]}""", "a part of 'content' of message 0 of 'messages' is to be learned" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow.","weight":0.5}]}""", "'weight' of message 1 of 'messages' is 0.5; only 0 and 1 are supported" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow.","weight":0}]}""", "none of its messages is learned*let one be learned" },
        { """{"messages":[{"role":"user","content":"Cat?","weight":1},{"role":"assistant","content":"Meow."}]}""", "'weight' of message 0 of 'messages' is 1, but only answers have a weight" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow.","weight":0,"train":true}]}""", "'weight' of message 1 of 'messages' contradicts" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow.","train":"sometimes"}]}""", "'train' of message 1 of 'messages' is \"sometimes\"; it must be true or false" },
        { """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]},{"role":"assistant","content":"Meow."}]}""", "part 0 of 'content' of message 0 of 'messages' has the type 'image_url'; only texts can be learned" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":[{"type":"text","text":"Me","train":false},{"type":"text","text":"ow."}]}]}""", "the parts of 'content' of message 1 of 'messages' have different flags" },
        { """{"messages":[{"role":"user","content":5},{"role":"assistant","content":"Meow."}]}""", "'content' of message 0 of 'messages' is a number; a text is needed" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"oops"}}]},{"role":"tool","tool_call_id":"b","content":"1"}]}""", "'arguments' of 'function' of call 0 of 'tool_calls' of message 1 of 'messages' is a text that is not JSON" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"b","content":"1"},{"role":"assistant","content":"x"}]}""", "'tool_call_id' of message 2 of 'messages' is 'b', which is not the id of a call" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."}],"tools":[{"type":"web_search","function":{}}]}""", "tool 0 of 'tools' has the type 'web_search'" },
        { """{"instruction":"Cat?","output":"Meow.","history":["Dog?"]}""", "pair 0 of 'history' is a text; a list of two texts is needed" },
        { """{"instruction":"Cat?","output":["Meow."]}""", "'output' is a list; a text is needed" },
        { """{"prompt":"<s>[INST] Cat? [/INST]","completion":"Meow."}""", "'prompt' ends with '[/INST]', so it already has a prompt format*write the record as 'segments'" },
        { """{"prompt":"<|im_start|>user\nCat?<|im_end|>\n<|im_start|>assistant\n","chosen":"Meow.","rejected":"Woof."}""", "'prompt' ends with '<|im_start|>assistant'" },
        { """{"instruction":"Cat?\n### Response:","output":"Meow."}""", "'instruction' ends with '### Response:'" },
        { """{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":null,"refusal":"No."}]}""", "message 1 of 'messages' has no 'content'; add it, or leave the record out" },
        { """{"segments":[{"label":false,"text":"a"}]}""", "'segments' has no segment to learn" },
        { """{"prompt":"Cat?"}""", "it has 'prompt', and needs" },
        { """{"prompt":"Cat?","completions":["a"],"labels":[true]}""", "it has 'prompt', 'completions', 'labels', and needs" },
        { """{"prompt":"Cat?","chosen":"Meow."}""", "'rejected' is missing beside 'chosen'; add it" },
        { """{"conversations":[{"from":"human","value":"Cat?"},{"from":"gpt","value":"Meow."},{"from":"gpt","value":"Meow!"}]}""", "the turns of 'conversations' do not alternate: turn 2 is another answer" },
    };

    [Theory]
    [MemberData(nameof(Learned))]
    public void Load_VariantOfAForm_IsLearnedAsItsToolLearnsIt(string record, string expected) => LearnedText.Of(Load("data.jsonl", record), s_tokenizer).Should().Be(expected);

    [Theory]
    [MemberData(nameof(Refused))]
    public void Load_FieldWithAnotherValue_IsRefusedByItsPlace(string record, string fault) =>
        FluentActions.Invoking(() => Load("data.jsonl", record)).Should().Throw<TrainingDataException>().WithMessage($"*line 1: *{fault}*").Which.LineNumber.Should().Be(1);

    [Theory]
    [InlineData("a.csv", "\uFEFFprompt,completion\r\nCat?,Meow.\r\n\r\n\"Dog?\",\"Woof.\"\r\n", Cat + "\n" + Dog)]
    [InlineData("a.csv", "prompt,completion,id\n\"Cat\n\"\"a\"\", b?\",Meow.,\n", "<s> [INST] Cat\n\"a\", b? [/INST]⟦ Meow. </s>⟧")]
    [InlineData("a.TSV", "prompt\tcompletion\nCat?\tMeow.", Cat)]
    [InlineData("a.csv", "\uFEFF\"prompt\",\"completion\"\nCat?,Meow.\n", Cat)]
    [InlineData("a.csv", "text\nCat says meow.\n", "<s>⟦ Cat says meow.</s>⟧")]
    [InlineData("a.json", "{\"version\":\"1.0\",\"data\":[{\"prompt\":\"Cat?\",\"completion\":\"Meow.\"}\n,{\"prompt\":\"Dog?\",\"completion\":\"Woof.\"}]}\n", Cat + "\n" + Dog)]
    [InlineData("a.json", "{\n\"prompt\":\"Cat?\",\n\"completion\":\"Meow.\"\n}\n\n{\"prompt\":\"Dog?\",\"completion\":\"Woof.\"}", Cat + "\n" + Dog)]
    public void Load_AnyArrangementOfRecords_IsRead(string name, string text, string expected) => LearnedText.Of(Load(name, text), s_tokenizer).Should().Be(expected);

    [Theory]
    [InlineData("a.csv", "prompt,completion\nCat?,Meow.,x\n", 2, "the row has 3 fields, and the first row names 2; put quotes")]
    [InlineData("a.csv", "prompt,completion\nCat?,\"Meow.\n", 2, "a quote that begins a field of this row is not closed")]
    [InlineData("a.csv", "prompt,prompt\nCat?,Meow.\n", 1, "two fields have the same name")]
    [InlineData("a.csv", "Cat?,Meow.\nDog?,Woof.\n", 2, "it has 'Cat?', 'Meow.', and needs")]
    [InlineData("a.csv", "prompt,completion\nCat?,\n", 2, "'completion' is empty")]
    [InlineData("a.json", "{\"data\":[{\"prompt\":\"Cat?\",\"completion\":\"Meow.\"}],\"test\":[]}", 1, "there is text after the array's end; put it into another file")]
    [InlineData("a.json", "{\"system\":\"x\",\"data\":[{\"prompt\":\"Cat?\",\"completion\":\"Meow.\"}]}", 1, "it has 'system', 'data', and needs")]
    [InlineData("a.json", "[{\"prompt\":\"Cat?\",\"completion\":\"Meow.\"},\n]", 2, "none follows the last comma; remove the comma")]
    [InlineData("a.jsonl", "<html>", null, "its name ends in .jsonl, but it does not begin with")]
    [InlineData("a.txt", "version https://git-lfs.github.com/spec/v1\n", null, "a pointer to them*git lfs pull")]
    public void Load_FileThatCannotBeRead_SaysWhereAndWhatToDo(string name, string text, int? line, string fault) =>
        FluentActions.Invoking(() => Load(name, text)).Should().Throw<TrainingDataException>().WithMessage($"*{fault}*").Which.LineNumber.Should().Be(line);

    [Fact]
    public void Load_FieldsAndRolesOfOtherNames_AreTakenForThoseOfTheForm()
    {
        var options = new DatasetOptions
        {
            PromptFormat = PromptFormat.Llama2,
            FieldNames = new Dictionary<string, string> { ["messages"] = "Dialogue", ["role"] = "speaker", ["content"] = "line" },
            RoleNames = new Dictionary<string, string> { ["Customer"] = "user", ["Agent"] = "assistant" },
        };

        LearnedText.Of(Load("a.jsonl", """{"Dialogue":[{"speaker":"Customer","line":"Cat?"},{"speaker":"Agent","line":"Meow."}]}""", options), s_tokenizer).Should().Be(Cat);
        FluentActions.Invoking(() => Load("a.jsonl", """{"Dialogue":[{"speaker":"Customer","line":"Cat?"},{"speaker":"Robot","line":"Meow."}]}""", options))
            .Should().Throw<TrainingDataException>().WithMessage("*the role 'Robot' of message 1 of 'Dialogue' is not one of*");
    }

    [Fact]
    public void Load_CompressedOrForeignEncoding_SaysWhatToDo()
    {
        (byte[] Start, string Fault)[] files = [([0x1F, 0x8B, 8], "compressed with gzip; decompress it first"), ([0xFE, 0xFF, 0, (byte)'{'], "it is UTF-16; save it again as UTF-8"), ([0x28, 0xB5, 0x2F, 0xFD], "compressed with Zstandard")];
        foreach ((byte[] start, string fault) in files)
        {
            File.WriteAllBytes(_folder.File("a.jsonl"), start);
            FluentActions.Invoking(() => TrainingDataset.Load(_folder.File("a.jsonl"), s_tokenizer)).Should().Throw<TrainingDataException>().WithMessage($"*{fault}*");
        }
    }

    [Fact]
    public void Load_FieldWhoseNameAnotherFieldTakes_IsNotDropped()
    {
        var options = new DatasetOptions { PromptFormat = PromptFormat.Llama2, FieldNames = new Dictionary<string, string> { ["instruction"] = "Question" } };

        FluentActions.Invoking(() => Load("a.jsonl", """{"Question":"Cat?","instruction":"Dog?","output":"Meow."}""", options)).Should().Throw<TrainingDataException>().WithMessage("*line 1: 'instruction' is not used*DatasetOptions.IgnoredFields*");
        LearnedText.Of(Load("a.jsonl", """{"Question":"Cat?","instruction":"Dog?","output":"Meow."}""", options with { IgnoredFields = ["instruction"] }), s_tokenizer).Should().Be(Cat);
    }

    [Fact]
    public void Load_FieldsOfInnerObjects_AreReported()
    {
        TrainingDataset data = Load("a.jsonl", """{"messages":[{"role":"user","content":[{"type":"text","text":"Cat?","cache":1}]},{"role":"assistant","content":"Meow."}],"tools":[{"type":"function","function":{"name":"f","strict":true}}]}""");

        data.Report!.Unused.Should().BeEquivalentTo([new UnusedContent("cache of parts of messages", 1), new UnusedContent("strict of tools", 1)]);
    }

    [Fact]
    public void Load_Parquet_IsReadRowByRow()
    {
        string path = RepositoryFiles.Committed("tests", "data", "parquet", "parquetjs-v1.parquet");

        TrainingDataException exception = FluentActions.Invoking(() => TrainingDataset.Load(path, s_tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2 })).Should().Throw<TrainingDataException>().Which;

        exception.Message.Should().Contain("row 1: 'answer' is a number; a text is needed");
    }

    [Theory]
    [InlineData("""{"prompt":"Cat?","chosen":"Meow."}""", "*line 1: 'rejected' is missing beside 'chosen'; add it*")]
    [InlineData("""{"prompt":"Cat?","rejected":"Woof."}""", "*line 1: 'chosen' is missing beside 'rejected'; add it*")]
    [InlineData("""{"input":"Cat?","preferred_output":"Meow."}""", "*line 1: 'non_preferred_output' is missing beside 'preferred_output'; add it*")]
    public void Load_HalfOfAPair_NamesTheMissingAnswer(string record, string message) =>
        FluentActions.Invoking(() => Load("a.jsonl", record)).Should().Throw<TrainingDataException>().WithMessage(message);

    [Theory]
    [InlineData("chat", Brief + "\n<s> [INST] Dog? [/INST] Miaow. </s><s> [INST] Wrong: dog? [/INST]⟦ Woof. </s>⟧")]
    [InlineData("preferences", Pair)]
    public void Load_ParquetWithListsOfStructures_IsReadAsConversations(string name, string expected)
    {
        TrainingDataset data = TrainingDataset.Load(RepositoryFiles.Committed("tests", "data", "parquet", name + ".parquet"), s_tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2 });

        LearnedText.Of(data, s_tokenizer).Should().Be(expected);
    }

    public void Dispose() => _folder.Dispose();

    private TrainingDataset Load(string name, string text, DatasetOptions? options = null)
    {
        string path = _folder.File(name);
        File.WriteAllText(path, text);
        return TrainingDataset.Load(path, s_tokenizer, options ?? new DatasetOptions { PromptFormat = PromptFormat.Llama2 });
    }
}
