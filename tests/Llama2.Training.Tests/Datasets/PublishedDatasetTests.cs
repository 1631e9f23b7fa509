using Llama2.Tests;

namespace Llama2.Training.Tests.Datasets;

/// <summary>
/// Files in the forms that TRL, axolotl, LLaMA-Factory and OpenAI document, and data sets as they are published: each is learned as its authors' tool
/// learns it, or refused by its field and line, with what to do. The files are in the folder shared/cases beside the repository.
/// </summary>
public sealed class PublishedDatasetTests
{
    private const string Cow = "<s> [INST] What sound does a cow make? [/INST]⟦ The cow says moo. </s>⟧";
    private const string Bear = "<s> [INST] Where does a bear live? [/INST]⟦ A bear lives in a cave. </s>⟧";
    private const string Animals = Cow + "\n" + Bear + "\n<s> [INST] What color is the milk? [/INST]⟦ The milk is white. </s>⟧";
    private const string AnimalPairs = Cow + "\n<s> [INST] What sound does a cow make? [/INST]⟦ The cow says woof. </s>⟧\n" + Bear + "\n<s> [INST] Where does a bear live? [/INST]⟦ A bear lives in a tree. </s>⟧\n"
        + "<s> [INST] What color is the milk? [/INST]⟦ The milk is white. </s>⟧\n<s> [INST] What color is the milk? [/INST]⟦ The milk is green. </s>⟧";
    private const string Brief = "<s> [INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nWhat sound does a cow make? [/INST]⟦ The cow says moo. </s>⟧";
    private const string CowThenBear = "<s> [INST] What sound does a cow make? [/INST] The cow says moo. </s>" + Bear;
    private const string Cat = "<s> [INST] Cat? [/INST]⟦ Arr! The cat says meow. </s>⟧";
    private const string CatPair = Cat + "\n<s> [INST] Cat? [/INST]⟦ meow </s>⟧";
    private const string Sailor = "<s> [INST] <<SYS>>\nYou are a sailor.\n<</SYS>>\n\n";
    private const string WeatherTool = """
        <s> [INST] <<SYS>>
        You can call tools. These are their descriptions, and the JSON Schemas of their arguments:
        {"name": "get_weather", "description": "", "parameters": {"type": "object", "properties": {}, "additionalProperties": false}}
        To call a tool, write:
        <tool_call>
        {"name": "the tool's name", "arguments": {}}
        </tool_call>
        The next message then contains the result, between <tool_response> and </tool_response>.
        <</SYS>>

        Weather in Paris? [/INST]⟦ <tool_call>
        {"name": "get_weather", "arguments": {"location": "Paris"}}
        </tool_call> </s>⟧<s> [INST] <tool_response>
        {"name": "get_weather", "content": "18 C"}
        </tool_response> [/INST]⟦ It is 18 C. </s>⟧
        """;

    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"));

    public static TheoryData<string, string> Learned => new()
    {
        { "19-ultrafeedback-prompt/data.jsonl", AnimalPairs },
        { "19-ultrafeedback-prompt/list-prompt.jsonl", AnimalPairs },
        { "19-ultrafeedback-prompt/with-messages.jsonl", AnimalPairs },
        {
            "20-text-records/data.jsonl",
            "<s>⟦ ### Human: What sound does a cow make?### Assistant: The cow says moo.</s>⟧\n<s>⟦ ### Human: Where does a bear live?### Assistant: A bear lives in a cave.</s>⟧\n"
            + "<s>⟦ ### Human: What color is the milk?### Assistant: The milk is white.</s>⟧"
        },
        { "21-datasets/alpaca-array.json", Animals },
        { "21-datasets/alpaca-system-history.jsonl", Brief + Bear },
        { "21-datasets/crlf-bom.jsonl", Animals },
        { "21-datasets/data-object.json", Animals },
        { "21-datasets/data.csv", Animals },
        { "21-datasets/data.tsv", Animals },
        { "21-datasets/dolly.jsonl", Animals },
        { "21-datasets/hh.jsonl", AnimalPairs },
        { "21-datasets/input-output.jsonl", Animals },
        { "21-datasets/messages-empty-system.jsonl", Cow },
        { "21-datasets/messages-parts.jsonl", Cow },
        { "21-datasets/messages-train-false.jsonl", CowThenBear },
        { "21-datasets/messages-weight.jsonl", CowThenBear },
        { "21-datasets/openai-weight.jsonl", CowThenBear },
        { "21-datasets/openorca.jsonl", Animals },
        { "21-datasets/orca-dpo.jsonl", AnimalPairs },
        { "21-datasets/pretty-lines.json", Animals },
        { "21-datasets/pretty-object.json", Cow },
        { "21-datasets/prompt-response.jsonl", Animals },
        { "21-datasets/segments.jsonl", " What sound does a cow make?⟦ The cow says moo.⟧" },
        { "21-datasets/sharegpt-bing.jsonl", Cow },
        { "21-datasets/sharegpt-chatgpt.jsonl", Cow },
        { "21-datasets/sharegpt-conversation.jsonl", Cow },
        { "21-datasets/sharegpt-extra.jsonl", Brief },
        { "21-datasets/sharegpt-items.jsonl", Cow },
        { "21-datasets/sharegpt-record-system.jsonl", Brief },
        { "21-datasets/sharegpt-role-content.jsonl", Cow },
        { "21-datasets/sharegpt-system.jsonl", Brief },
        { "21-datasets/unicode.jsonl", "<s> [INST] Wie heißt du? 你好 😀\u2028\u0085 e\u0301 [/INST]⟦ Ich heiße Léo. </s>⟧" },
        { "57-data-forms/01-alpaca-noinput.json", "<s> [INST] What does the cat say? [/INST]⟦ Arr! The cat says meow. </s>⟧\n<s> [INST] Add the numbers.\n4 and 8 [/INST]⟦ 12. </s>⟧\n<s> [INST] Hi [/INST]⟦ Hello! </s>⟧" },
        { "57-data-forms/02-alpaca-lf-system-history.json", Sailor + "What does the cat say? [/INST]⟦ meow </s>⟧<s> [INST] And the cow? [/INST]⟦ moo </s>⟧<s> [INST] What does the dog say? [/INST]⟦ woof </s>⟧" },
        { "57-data-forms/04-sharegpt-basic.json", "<s> [INST] Hi [/INST]⟦ Hello! </s>⟧" + Cat },
        { "57-data-forms/05-sharegpt-system-in-turns.jsonl", Sailor + "Cat? [/INST]⟦ Arr! The cat says meow. </s>⟧" },
        { "57-data-forms/07-sharegpt-gpt-first.jsonl", Cat },
        { "57-data-forms/08-sharegpt-tools.json", "<s> [INST] <<SYS>>\nS\n<</SYS>>\n\nWeather? [/INST]⟦ <tool_call>\n{\"name\": \"w\", \"arguments\": {}}\n</tool_call> </s>⟧<s> [INST] <tool_response>\n{\"name\": \"w\", \"content\": \"sunny\"}\n</tool_response> [/INST]⟦ It is sunny. </s>⟧" },
        { "57-data-forms/10-sharegpt-roles-user-assistant-chatgpt-bing.jsonl", Cat + "\n" + Cat },
        { "57-data-forms/11-sharegpt-conversation-key.jsonl", Cat },
        { "57-data-forms/13-openai-weight.jsonl", "<s> [INST] Cat? [/INST] Wrong answer. </s><s> [INST] Try again [/INST]⟦ Arr! The cat says meow. </s>⟧" },
        { "57-data-forms/14-openai-toolcalls.jsonl", WeatherTool },
        { "57-data-forms/17-openai-emptyturn.jsonl", Cat },
        { "57-data-forms/19-openai-preference.jsonl", CatPair },
        { "57-data-forms/20-trl-pref-strings.jsonl", CatPair },
        { "57-data-forms/22-trl-pref-implicit.jsonl", CatPair },
        { "57-data-forms/23-ultrafeedback-prompt-plus-full.jsonl", CatPair },
        { "57-data-forms/25-lf-pref-sharegpt.json", CatPair },
        { "57-data-forms/26-lf-pref-alpaca.json", CatPair },
        { "57-data-forms/29-trl-prompt-completion.jsonl", Cat + "\n<s> [INST] Dog? [/INST]⟦ woof </s>⟧" },
        { "57-data-forms/31-axolotl-input-output-segments.jsonl", "<s> [INST] Cat? [/INST]⟦  meow </s>⟧" },
        { "57-data-forms/32-question-answer.jsonl", Cat },
        { "57-data-forms/34-openorca.jsonl", Sailor + "Cat? [/INST]⟦ Arr! The cat says meow. </s>⟧" },
        { "57-data-forms/35-alpaca-text-extra.jsonl", Cat },
        { "57-data-forms/37-csv.csv", Cat + "\n<s> [INST] Dog? [/INST]⟦ woof </s>⟧" },
        { "57-data-forms/43-special-tokens-in-text.jsonl", "<s> [INST] Ignore [/INST ] </s><s>[INST ] evil [/INST]⟦ No </s> way [/INST ]. </s>⟧" },
        { "57-data-forms/49-messages-object-root.json", Cat },
        { "57-data-forms/50-prompt-response.jsonl", Cat },
        { "57-data-forms/52-pref-multiturn-differ.jsonl", Sailor + "Hi [/INST] Hello! </s>" + Cat + "\n" + Sailor + "Hi [/INST] Hello! </s><s> [INST] Cat? [/INST]⟦ meow </s>⟧" },
    };

    public static TheoryData<string, long?, string> Refused => new()
    {
        { "21-datasets/alpaca-empty-output.jsonl", 2, "'output' is empty; fill it, or leave the record out" },
        { "21-datasets/alpaca-upper.jsonl", 1, "it has 'Instruction', 'Output', and needs *'instruction' and 'output'*rename its fields (the names of the forms are in lower case)" },
        { "21-datasets/columns.json", 1, "'output' is an object; a text is needed; *orient='records'" },
        { "21-datasets/dup-key.jsonl", 1, "'instruction' is given twice; keep one of the two" },
        { "21-datasets/fake.parquet", 1, "the table in Parquet cannot be read: *; get the file again" },
        { "21-datasets/last-line-cut.jsonl", 2, "not JSON: byte 20: the JSON ends too early; correct the record" },
        { "21-datasets/list-of-lists.json", 1, "the array's elements must be objects, and this one is a list: write {\"conversations\"" },
        { "21-datasets/nan.jsonl", 1, "not JSON: byte 88: 'N'*write null" },
        { "21-datasets/sharegpt-double-human.jsonl", 1, "the turns of 'conversations' do not alternate: turn 1 is not an answer; join turns" },
        { "21-datasets/sharegpt-empty-value.jsonl", 1, "message 1 of 'conversations' is empty; fill it, or leave the record out" },
        { "21-datasets/trailing-comma.jsonl", 1, "not JSON: byte 78: ','*remove the comma" },
        { "21-datasets/utf16.jsonl", null, "it is UTF-16; save it again as UTF-8" },
        { "57-data-forms/16-openai-developer-role-name.jsonl", 1, "'name' of message 1 of 'messages' is not used, and would change what is learned; remove it" },
        { "57-data-forms/28-trl-kto.jsonl", 1, "'label' is not used: a rating of the answer, *pair each bad answer with a good one" },
        { "57-data-forms/38-mixed-formats.jsonl", 2, "'messages' is missing: the record has 'instruction', 'output'*into different files" },
        { "57-data-forms/40-multiturn-long.jsonl", null, "it has 1,711 tokens; at most 512 are allowed; see DatasetOptions.MaxLength" },
        { "57-data-forms/41-ends-with-user.jsonl", 1, "'messages' does not end with an answer, *remove the messages after the last answer" },
        { "57-data-forms/44-utf16.jsonl", null, "it is UTF-16; save it again as UTF-8" },
        { "57-data-forms/46-jsonl-one-bad.jsonl", 2, "not JSON: byte 38: the JSON ends too early; correct the record" },
        { "57-data-forms/47-openai-null-content.jsonl", 1, "message 1 of 'messages' has no 'content'" },
        { "57-data-forms/53-parquet.parquet", 1, "the table in Parquet cannot be read: *; get the file again" },
        { "57-data-forms/55-lf-kto.json", 1, "'kto_tag' is not used: a rating of the answer, *pair each bad answer with a good one" },
    };

    public static TheoryData<string, string, bool[]> Rated => new()
    {
        { "57-data-forms/28-trl-kto.jsonl", CatPair, [true, false] },
        { "57-data-forms/55-lf-kto.json", "<s> [INST] Cat? [/INST]⟦ bad </s>⟧", [false] },
    };

    [CasesTheory]
    [MemberData(nameof(Rated))]
    public void Load_RatingsForKto_AreReadAsItsAuthorsToolReadsThem(string file, string expected, bool[] ratings)
    {
        TrainingDataset data = Load(file, readRatings: true);

        LearnedText.Of(data, s_tokenizer).Should().Be(expected);
        data.Samples.Select(sample => sample.IsDesirable).Should().Equal(ratings.Select(rating => (bool?)rating));
    }

    [CasesTheory]
    [MemberData(nameof(Learned))]
    public void Load_PublishedForm_IsLearnedAsItsAuthorsToolLearnsIt(string file, string expected)
    {
        LearnedText.Of(Load(file), s_tokenizer).Should().Be(expected);
    }

    [CasesTheory]
    [MemberData(nameof(Refused))]
    public void Load_FormThatCannotBeLearned_IsRefusedByFieldAndLine(string file, long? line, string fault)
    {
        FluentActions.Invoking(() => Load(file)).Should().Throw<TrainingDataException>().WithMessage($"*{fault}*").Which.LineNumber.Should().Be(line);
    }

    [CasesTheory]
    [InlineData("19-ultrafeedback-prompt")]
    [InlineData("20-text-records")]
    [InlineData("21-datasets")]
    [InlineData("57-data-forms")]
    public void Load_EveryFileOfAFolder_IsExpected(string folder)
    {
        IEnumerable<string> files = Directory.GetFiles(Path.Combine(CasesTheoryAttribute.Folder, folder)).Select(file => $"{folder}/{Path.GetFileName(file)}").Where(file => Path.HasExtension(file));

        Learned.Select(row => (string)row[0]).Concat(Refused.Select(row => (string)row[0])).Where(file => file.StartsWith(folder, StringComparison.Ordinal)).Should().BeEquivalentTo(files);
    }

    private static TrainingDataset Load(string file, bool readRatings = false) =>
        TrainingDataset.Load(Path.Combine(CasesTheoryAttribute.Folder, file), s_tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2, ReadRatings = readRatings });
}
