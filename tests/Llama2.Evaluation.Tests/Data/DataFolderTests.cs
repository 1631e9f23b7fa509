using System.Text.Json;
using Llama2.Evaluation.Data.Forms;
using Llama2.Tests;
using Llama2.Tests.Grammar.Schemas;

namespace Llama2.Evaluation.Tests.Data;

/// <summary>Finds data sets in the layouts of the Hugging Face hub, and in the real files of their authors.</summary>
public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("test.jsonl", null)]
    [InlineData("name/test.jsonl", null)]
    [InlineData("owner/name/test.jsonl", null)]
    [InlineData("name/data/test-00000-of-00001.jsonl", null)]
    [InlineData("name/data/test-00000-of-00001-0123456789abcdef.jsonl", null)]
    [InlineData("name/default/test/0000.jsonl", null)]
    [InlineData("name/test.jsonl.gz", null)]
    [InlineData("name/test.json", null)]
    [InlineData("name/part/test.jsonl", "part")]
    [InlineData("part/test.jsonl", "part")]
    [InlineData("name/part/test-00000-of-00001.jsonl", "part")]
    [InlineData("name/part/test/0000.jsonl", "part")]
    [InlineData("name/data/part/test.jsonl", "part")]
    [InlineData("name/part_test.jsonl", "part")]
    [InlineData("name/part-test-00000-of-00001.jsonl", "part")]
    [InlineData("name/test_part.jsonl", "part")]
    [InlineData("name/test.jsonl", "default")]
    public void Read_LayoutOfTheHub_IsFound(string file, string? configuration)
    {
        Write(file, "{\"a\":1}");
        Write("other/test.jsonl", "{\"a\":2}");

        Read("owner/name", configuration, "test").Should().Be("""{"a":1}""");
    }

    // The hub keeps these in a folder of their only or main configuration, which the harness' tasks do not name.
    [Theory]
    [InlineData("openai/openai_humaneval", "openai_humaneval", "{\"task_id\":\"1\",\"prompt\":\"\",\"test\":\"\",\"entry_point\":\"f\"}")]
    [InlineData("google-research-datasets/nq_open", "nq_open", "{\"question\":\"q\",\"answer\":[]}")]
    [InlineData("rajpurkar/squad_v2", "squad_v2", "{\"id\":\"1\",\"context\":\"\",\"question\":\"\",\"answers\":{}}")]
    [InlineData("mbpp", "full", "{\"task_id\":1,\"test_list\":[]}")]
    public void Read_NoConfigurationNamed_IsTheMainOne(string dataset, string configuration, string row)
    {
        Write($"{dataset}/{configuration}/test-00000-of-00001.jsonl", row);

        Read(dataset, null, "test").Should().Be(row);
        Read(dataset, configuration, "test").Should().Be(row);
    }

    // Every data set that a task of lm-evaluation-harness names is known.
    [SharedDataFact("lm-eval-tasks")]
    public void Find_DataSetsOfTheHarness_AreKnown()
    {
        string[] names =
        [
            .. Directory.GetFiles(Path.Combine(RepositoryFiles.Shared, "data", "lm-eval-tasks"), "*", SearchOption.AllDirectories)
                .SelectMany(File.ReadLines).Where(line => line.StartsWith("dataset_path: ", StringComparison.Ordinal)).Select(line => line["dataset_path: ".Length..].Trim()).Distinct(),
        ];

        names.Should().HaveCountGreaterThan(15).And.OnlyContain(name => DatasetTable.Find(name) != null);
    }

    [Fact]
    public void Read_SeveralParts_AreReadInTheirOrder()
    {
        foreach (int part in (int[])[2, 0, 1])
            Write($"name/data/test-0000{part}-of-00003.jsonl", $"{{\"a\":{part}}}");

        Read("owner/name", null, "test").Should().Be("""{"a":0} {"a":1} {"a":2}""");
    }

    [Fact]
    public void Read_MissingPart_IsRefused()
    {
        Write("name/data/test-00000-of-00003.jsonl", "{}");
        Write("name/data/test-00002-of-00003.jsonl", "{}");

        new Action(() => Read("owner/name", null, "test")).Should().Throw<EvaluationDataException>().Which.Message.Should().Contain("get the missing parts");
    }

    [Theory]
    [InlineData("validation.jsonl")]
    [InlineData("valid.jsonl")]
    [InlineData("val.jsonl")]
    [InlineData("dev.jsonl")]
    public void Read_Validation_IsFoundUnderItsOtherNames(string file)
    {
        Write(file, "{\"a\":1}");
        Write("test.jsonl", "{\"a\":2}");

        Read("owner/name", null, "validation").Should().Be("""{"a":1}""");
    }

    [Fact]
    public void Read_OtherConfiguration_IsNotRead()
    {
        Write("name/test.jsonl", "{}");
        Write("name/b/test.jsonl", "{}");

        new Action(() => Read("owner/name", "a", "test")).Should().Throw<EvaluationDataException>();
    }

    [Fact]
    public void Read_NothingThere_ListsThePlaces() =>
        new Action(() => Read("openai/gsm8k", "main", "test")).Should().Throw<EvaluationDataException>().Which.Message.Should()
            .Contain("'test'").And.Contain("'openai/gsm8k'").And.Contain("'main'").And.Contain($".{Path.DirectorySeparatorChar}openai{Path.DirectorySeparatorChar}gsm8k, ")
            .And.Contain("grade-school-math").And.Contain("test.*");

    [Fact]
    public void Read_FileOfAnotherDataSet_IsNotTaken()
    {
        Write("test.jsonl", "{\"question\":\"\",\"answer\":\"\"}");

        Read("openai/gsm8k", "main", "test").Should().NotBeEmpty();
        new Action(() => Read("cais/mmlu", "all", "test")).Should().Throw<EvaluationDataException>();
        new Action(() => Read("openai/openai_humaneval", null, "test")).Should().Throw<EvaluationDataException>().Which.Message.Should().Contain("has no field 'task_id'");
    }

    [Theory]
    [InlineData("../name", null, "test")]
    [InlineData("/name", null, "test")]
    [InlineData("a/b/c", null, "test")]
    [InlineData("..", null, "test")]
    [InlineData("", null, "test")]
    [InlineData("a\\b", null, "test")]
    [InlineData("C:", null, "test")]
    [InlineData("name", "..", "test")]
    [InlineData("name", "a/b", "test")]
    [InlineData("name", null, "../test")]
    [InlineData("name", null, "train[:10]")]
    [InlineData("name", null, "*")]
    public void Read_NameThatCouldLeadElsewhere_IsRefused(string path, string? configuration, string split) =>
        new Action(() => Read(path, configuration, split)).Should().Throw<EvaluationDataException>().Which.Message.Should().Contain("is not the name of a");

    [Fact]
    public void Read_MoreRowsThanAllowed_IsRefused()
    {
        Write("name/data/test-00000-of-00002.jsonl", "{}\n{}");
        Write("name/data/test-00001-of-00002.jsonl", "{}\n{}");

        new Action(() => DataFolder.Open(_folder.Path, new DataOptions { MaxRowCount = 3 }).Read("owner/name", null, "test"))
            .Should().Throw<EvaluationDataException>().Which.Message.Should().Contain("more than 3 rows");
    }

    [Fact]
    public void Read_Cancelled_Stops()
    {
        Write("test.jsonl", "{}");

        new Action(() => DataFolder.Open(_folder.Path).Read("owner/name", null, "test", new CancellationToken(canceled: true))).Should().Throw<OperationCanceledException>();
    }

    [Fact]
    public void Open_MissingFolder_IsRefused() =>
        new Action(() => DataFolder.Open(_folder.File("none"))).Should().Throw<EvaluationDataException>().Which.Message.Should().Contain("does not exist");

    // The digests are those of tests/Reference/data_digests.py, and the counts those of the data sets' papers.
    [SharedDataFact("gsm8k")]
    public void Read_Gsm8k_HasTheRowsThatPythonReads()
    {
        IReadOnlyList<JsonElement> test = Shared("openai/gsm8k", "main", "test"), train = Shared("gsm8k", "main", "train");

        (test.Count, train.Count).Should().Be((1319, 7473));
        RowDigest.Of(test, "question", "answer").Should().Be("7ec057d50d466e85");
        RowDigest.Of(train, "question", "answer").Should().Be("aca0c590e98df124");
    }

    [SharedDataFact("humaneval")]
    public void Read_HumanEval_HasTheRowsThatPythonReads()
    {
        IReadOnlyList<JsonElement> rows = Shared("openai/openai_humaneval", null, "test");

        rows.Should().HaveCount(164);
        RowDigest.Of(rows, "task_id", "prompt", "canonical_solution", "test", "entry_point").Should().Be("3b5ef577d4ac65ac");
    }

    [SharedDataFact("mmlu")]
    public void Read_Mmlu_HasTheRowsThatPythonReads()
    {
        IReadOnlyList<JsonElement> dev = Shared("cais/mmlu", "all", "dev"), test = Shared("cais/mmlu", null, "test");

        (dev.Count, test.Count).Should().Be((285, 14042));
        RowDigest.Of(dev, "question", "subject", "choices", "answer").Should().Be("1493d327e8b4b626");
        RowDigest.Of(test, "question", "subject", "choices", "answer").Should().Be("fcc718c99ff353e6");
        Shared("cais/mmlu", "anatomy", "test").Should().HaveCount(135).And.OnlyContain(row => row.GetProperty("subject").GetString() == "anatomy");
    }

    [SharedDataFact("truthfulqa")]
    public void Read_TruthfulQa_HasTheRowsThatPythonReads()
    {
        IReadOnlyList<JsonElement> rows = Shared("truthfulqa/truthful_qa", "multiple_choice", "validation");

        rows.Should().HaveCount(817);
        RowDigest.Of(rows, "question", "mc1_targets.choices", "mc1_targets.labels", "mc2_targets.choices", "mc2_targets.labels").Should().Be("d6fff81076e81044");
    }

    // 62 pages, as many as EleutherAI/wikitext_document_level has.
    [SharedDataFact("wikitext2/wiki.test.raw")]
    public void Read_Wikitext_HasThePagesThatPythonReads() =>
        Digest("EleutherAI/wikitext_document_level", "wikitext-2-raw-v1", "test", "page").Should().Be("62 adc6a3c1314e2bde");

    [SharedDataFact("crows_pairs")]
    public void Read_CrowsPairs_HasTheRowsThatPythonReads() =>
        Digest("jannalu/crows_pairs_multilingual", "english", "test", "sent_more", "sent_less", "stereo_antistereo", "bias_type").Should().Be("1508 135f80ef4729809d");

    [SharedDataFact("bbq")]
    public void Read_Bbq_HasTheRowsThatPythonReads()
    {
        Digest("heegyu/bbq", null, "test", "category", "context", "question", "ans0", "ans1", "ans2", "label").Should().Be("11956 a244288713f81a61");
        Shared("heegyu/bbq", "religion", "test").Should().HaveCount(1200);
    }

    [SharedDataFact("winobias")]
    public void Read_WinoBias_HasTheRowsThatPythonReads()
    {
        Digest("uclanlp/wino_bias", null, "validation", "sentence", "mentions", "type", "stereotype").Should().Be("1584 bdd01e13ccb32e44");
        Digest("uclanlp/wino_bias", null, "test", "sentence", "mentions", "type", "stereotype").Should().Be("1584 c5f3779f442fd7d0");
        Shared("uclanlp/wino_bias", "type2_anti", "test").Should().HaveCount(396);
    }

    // A mention and its tokens are the same words, but for the spaces around punctuation.
    [SharedDataFact("winobias")]
    public void Read_WinoBias_ClustersAreTheMentions()
    {
        foreach (JsonElement row in Shared("uclanlp/wino_bias", null, "test"))
        {
            string[] tokens = [.. row.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!)];
            int[] spans = [.. row.GetProperty("coreference_clusters").EnumerateArray().Select(token => int.Parse(token.GetString()!, null))];

            spans.Chunk(2).Select(span => string.Concat(tokens[span[0]..(span[1] + 1)]))
                .Should().Equal(row.GetProperty("mentions").EnumerateArray().Select(mention => mention.GetString()!.Replace(" ", "", StringComparison.Ordinal)));
        }
    }

    [SharedDataFact("bold")]
    public void Read_Bold_HasTheRowsThatPythonReads()
    {
        Digest("AlexaAI/bold", null, "train", "domain", "name", "category", "prompts").Should().Be("7201 357985a730e225fe");
        Shared("AlexaAI/bold", null, "train").Sum(row => row.GetProperty("prompts").GetArrayLength()).Should().Be(23_679);
    }

    [SharedDataFact("toxigen")]
    public void Read_ToxiGenDemonstrations_HaveTheRowsThatPythonReads() =>
        Digest("microsoft/TOXIGEN", null, "train", "text", "target_group", "attribute", "prompt_label").Should().Be("627 59ffe0afdc3cd5d2");

    [SharedDataFact("xstest")]
    public void Read_XsTest_HasTheRowsThatPythonReads() =>
        Digest("Paul/XSTest", null, "train", "id", "prompt", "type", "label", "focus", "note").Should().Be("450 de958c8adb0b3cc3");

    [SharedDataFact("advbench")]
    public void Read_AdvBench_HasTheRowsThatPythonReads() =>
        Digest("walledai/AdvBench", null, "train", "prompt", "target").Should().Be("520 464b4a189f5416dc");

    private static string Digest(string path, string? configuration, string split, params string[] fields)
    {
        IReadOnlyList<JsonElement> rows = Shared(path, configuration, split);
        return $"{rows.Count} {RowDigest.Of(rows, fields)}";
    }

    private static IReadOnlyList<JsonElement> Shared(string path, string? configuration, string split) =>
        DataFolder.Open(Path.Combine(RepositoryFiles.Shared, "data")).Read(path, configuration, split);

    private string Read(string path, string? configuration, string split) =>
        string.Join(' ', DataFolder.Open(_folder.Path).Read(path, configuration, split).Select(row => row.GetRawText()));

    private void Write(string name, string content)
    {
        string path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!name.EndsWith(".gz", StringComparison.Ordinal))
        {
            File.WriteAllText(path, content);
            return;
        }

        using var gzip = new System.IO.Compression.GZipStream(File.Create(path), System.IO.Compression.CompressionLevel.Fastest);
        gzip.Write(System.Text.Encoding.UTF8.GetBytes(content));
    }
}
