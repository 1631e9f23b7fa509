using System.Text;
using System.Text.Json;
using Llama2.Evaluation.Reports;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Reports;

public sealed class HarnessResultsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_Results_HaveTheFormOfTheHarness()
    {
        TaskReport task = ReportSamples.Choices("colours", true, false, true, true);
        JsonElement root = Results(ReportSamples.Report("m", task) with { MaxExampleCount = 4 });

        // Keys and their order as lm_eval.evaluator_utils makes them: name, alias, sample_len, then "metric,filter" and "metric_stderr,filter".
        root.GetProperty("results").GetProperty("colours").GetRawText().Should().Be(
            """
            {
                  "name": "colours",
                  "alias": "Colours",
                  "sample_len": 4,
                  "acc,none": 0.75,
                  "acc_stderr,none": 0.25,
                  "acc_norm,none": 0.5,
                  "acc_norm_stderr,none": 0.28867513459481287
                }
            """);
        root.GetProperty("versions").GetProperty("colours").GetDouble().Should().Be(2);
        root.GetProperty("n-shot").GetProperty("colours").GetInt32().Should().Be(1);
        root.GetProperty("higher_is_better").GetProperty("colours").GetRawText().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal).Should().Be("""{"acc":true,"acc_norm":true}""");
        root.GetProperty("n-samples").GetProperty("colours").GetProperty("original").GetInt32().Should().Be(14);
        root.GetProperty("n-samples").GetProperty("colours").GetProperty("effective").GetInt32().Should().Be(4);
        root.GetProperty("config").GetProperty("limit").GetInt32().Should().Be(4);
        root.GetProperty("config").GetProperty("fewshot_seed").GetInt32().Should().Be(1234);
        root.GetProperty("date").GetDouble().Should().Be(1796040000);
        root.GetProperty("total_evaluation_time_seconds").GetString().Should().Be("12.5");
        root.GetProperty("llama2").GetProperty("data_digests").GetProperty("colours").GetString().Should().Be(DocumentHash.Of(task));
    }

    [Fact]
    public void Write_OneExample_HasNoStandardError()
        => Results(ReportSamples.Report("m", ReportSamples.Choices("one", true))).GetProperty("results").GetProperty("one").GetProperty("acc_stderr,none").GetString().Should().Be("N/A");

    [Fact]
    public void WriteSamples_MultipleChoice_HasTheFormOfTheHarness()
    {
        string line = Samples(ReportSamples.Choices("colours", true, false))[1];

        line.Should().StartWith(
            """{"doc_id":1,"doc":{"question":"Is 1 even?","id":1},"target":"no","arguments":{"gen_args_0":{"arg_0":"Is 1 even?","arg_1":" yes"},"gen_args_1":{"arg_0":"Is 1 even?","arg_1":" no"}},"resps":[[["-0.625","True"]],[["-2.25","False"]]],"filtered_resps":[["-0.625","True"],["-2.25","False"]],"filter":"none","metrics":["acc","acc_norm"],"acc":0,"acc_norm":0,"doc_hash": """.TrimEnd());
    }

    [Fact]
    public void WriteSamples_GeneratedAnswers_HaveALineForEachFilter()
    {
        string[] lines = Samples(ReportSamples.Answers("sums", ("one", 1, 1), ("two ", 0, 1)));

        lines.Should().HaveCount(4);
        lines[3].Should().Contain("""
            "arguments":{"gen_args_0":{"arg_0":"How much is 1 + 1?\nAnswer:","arg_1":{"until":["\n"],"max_gen_toks":20,"do_sample":false,"temperature":0}}},"resps":[["two ","again"]],"filtered_resps":["~two"],"filter":"loose","metrics":["exact_match"],"exact_match":1,
            """);
    }

    [Fact]
    public void Read_WhatWasWritten_IsTheSameReport()
    {
        TaskReport colours = ReportSamples.Choices("colours", true, false, true), others = ReportSamples.Choices("and/other", false, true);
        EvaluationReport report = ReportSamples.Report(
            "m", colours, others, ReportSamples.Answers("sums", ("one", 1, 1), ("two ", 0, 1)), ReportSamples.Perplexity("pages", (-12.5, 4), (-3.25, 2)))
            with
        { Groups = [ReportSamples.Group("all", isWeighted: false, colours, others)], MaxExampleCount = 3 };

        EvaluationReport read = WriteAndRead(report);

        read.Should().BeEquivalentTo(report, options => options
            .Excluding(member => member.Name == nameof(EvaluationExample.Document) || member.Name == nameof(EvaluationTaskInfo.Configuration))
            .Excluding(member => member.Name == nameof(GenerationRequest.MaxTokens)).Excluding(member => member.Name == nameof(GenerationRequest.StopSequences))
            .RespectingRuntimeTypes().WithStrictOrdering());
        read.Tasks.Select(DocumentHash.Of).Should().Equal(report.Tasks.Select(DocumentHash.Of));
        read.TruncatedRequestCount.Should().Be(2);
        Results(read).GetProperty("results").GetRawText().Should().Be(Results(report).GetProperty("results").GetRawText());
    }

    [Fact]
    public void Read_FilesOfTheHarness_HaveTheirExamples()
    {
        // The fields that lm-evaluation-harness writes: values of samples without our object, the target as an index, a date in the names of files.
        File.WriteAllText(_folder.File("results_2026-11-30T12-00-00.json"), """
            {"results": {"arc": {"alias": "arc", "acc,none": 0.5, "acc_stderr,none": "N/A"}}, "group_subtasks": {"arc": []},
             "configs": {"arc": {"task": "arc", "output_type": "multiple_choice", "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": true}]}},
             "versions": {"arc": 1.0}, "n-shot": {"arc": 25}, "higher_is_better": {"arc": {"acc": true}}, "n-samples": {"arc": {"original": 9, "effective": 2}},
             "config": {"model": "hf", "model_args": "pretrained=meta-llama/Llama-2-7b-hf"}, "model_name": "meta-llama/Llama-2-7b-hf", "git_hash": null}
            """);
        File.WriteAllText(_folder.File("samples_arc_2026-11-30T12-00-00.jsonl"), """
            {"doc_id": 7, "doc": {"q": "?"}, "target": "1", "arguments": {"gen_args_0": {"arg_0": "Q", "arg_1": " a"}, "gen_args_1": {"arg_0": "Q", "arg_1": " b"}}, "resps": [[["-3.5", "False"]], [["-1e-05", "True"]]], "filtered_resps": [["-3.5", "False"], ["-1e-05", "True"]], "filter": "none", "metrics": ["acc"], "acc": 1.0}
            {"doc_id": 8, "doc": {"q": "!"}, "target": "0", "arguments": {"gen_args_0": {"arg_0": "R", "arg_1": " a"}, "gen_args_1": {"arg_0": "R", "arg_1": " b"}}, "resps": [[["-inf", "False"]], [["-2.0", "False"]]], "filtered_resps": [["-inf", "False"], ["-2.0", "False"]], "filter": "none", "metrics": ["acc"], "acc": false}

            """);

        EvaluationReport report = HarnessResults.Read(_folder.File("results_2026-11-30T12-00-00.json"));

        report.ModelName.Should().Be("meta-llama/Llama-2-7b-hf");
        TaskReport task = report.Tasks.Should().ContainSingle().Subject;
        (task.Info.FewShotCount, task.Info.Version, task.TotalExampleCount, task.Metrics[0].StandardError).Should().Be((25, "1.0", 9, null));
        task.Examples.Select(example => (example.Example.Index, example.Score.IsCorrect, example.Score.Answer)).Should().Equal((7, true, "b"), (8, false, "b"));
        task.Examples[0].Responses[1].Should().Be(new EvaluationResponse { LogLikelihood = -1e-05, IsGreedy = true });
        ChoiceView.Of(task.Examples[0].Example, task.Examples[0].Responses)!.CorrectIndex.Should().Be(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"results": {}}""")]
    [InlineData("""{"results": [1]}""")]
    [InlineData("""{"results": {"\ud800": {}}}""")]
    [InlineData("{\"results\": {\"a\": {}}")]
    public void Read_FileThatHasNoResults_IsRefused(string content)
    {
        File.WriteAllText(_folder.File("results.json"), content);

        FluentActions.Invoking(() => HarnessResults.Read(_folder.File("results.json"))).Should().Throw<EvaluationDataException>().WithMessage("*results.json*");
    }

    [Theory]
    [InlineData("""{"results": {"a": 1, "b": null, "c": []}}""", 3)]
    [InlineData("""{"results": {"a": {"x": {}, "y,z": "N/A", "_stderr,": 1, ",": true}}, "versions": 3, "configs": {"a": "text"}, "n-shot": {"a": -1e99}, "date": 1e300, "total_evaluation_time_seconds": "inf", "llama2": [], "config": 0}""", 1)]
    [InlineData("""{"results": {"a": {}, "g": {}}, "group_subtasks": {"g": ["g", "h", "a", 5, null], "h": ["g"]}}""", 1)]
    public void Read_FieldsOfOtherTypes_AreLeftOut(string content, int taskCount)
    {
        File.WriteAllText(_folder.File("results.json"), content);

        HarnessResults.Read(_folder.File("results.json")).Tasks.Should().HaveCount(taskCount);
    }

    [Theory]
    [InlineData("{", 1)]
    [InlineData("[1]", 1)]
    [InlineData("""{"doc_id": "x"}""", 1)]
    [InlineData("""{"doc_id": 1, "resps": [], "arguments": {}}""", 1)]
    [InlineData("""{"doc_id": 1, "doc": "\ud800", "arguments": {"gen_args_0": {"arg_0": ""}}, "resps": [["-1"]]}""", 1)]
    [InlineData("""
        {"doc_id": 1, "arguments": {"gen_args_0": {"arg_0": ""}}, "resps": [["-1"]]}
        {"doc_id": -2, "arguments": {"gen_args_0": {"arg_0": ""}}, "resps": [["-1"]]}
        """, 2)]
    public void Read_MalformedSamples_AreRefusedWithTheLine(string content, int line)
    {
        File.WriteAllText(_folder.File("results.json"), """{"results": {"a": {"acc,none": 1}}}""");
        File.WriteAllText(_folder.File("samples_a.jsonl"), content);

        FluentActions.Invoking(() => HarnessResults.Read(_folder.File("results.json"))).Should().Throw<EvaluationDataException>().WithMessage($"*samples_a.jsonl*line {line}*");
    }

    [Fact]
    public void Read_Conversation_IsThePromptThatWasAsked()
    {
        TaskReport task = ReportSamples.Answers("chat", ("one", 1, 1));
        var prompt = new EvaluationPrompt([new LlamaMessage(LlamaRole.System, "Be \"brief\".\n"), new LlamaMessage(LlamaRole.User, "[{\"role\":1}] é")], "Well,");
        ExampleResult example = task.Examples[0] with { Example = task.Examples[0].Example with { Requests = [new GenerationRequest(prompt)] }, Responses = [new EvaluationResponse { Text = " one" }] };

        EvaluationReport read = WriteAndRead(ReportSamples.Report("m", task with { Examples = [example] }));

        read.Tasks[0].Examples[0].Example.Requests.Should().ContainSingle().Which.Should().BeOfType<GenerationRequest>().Which.Prompt.Should().Be(prompt);
    }

    [Fact]
    public void Read_MutatedFiles_GiveAReportOrAnEvaluationDataException()
    {
        WriteAndRead(ReportSamples.Report("m", ReportSamples.Choices("a", true, false), ReportSamples.Answers("b", ("one", 1, 1)), ReportSamples.Perplexity("c", (-2, 3))));
        var random = new Random(1);
        int refusedCount = 0;
        foreach (string path in Directory.GetFiles(Path.GetDirectoryName(_folder.File("results.json"))!))
        {
            byte[] original = File.ReadAllBytes(path);
            for (int i = 0; i < 300; i++)
            {
                byte[] mutated = [.. original];
                for (int k = random.Next(1, 4); k > 0; k--)
                    mutated[random.Next(mutated.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : "\"{}[],:-0en\\"[random.Next(12)]);
                File.WriteAllBytes(path, random.Next(8) == 0 ? mutated[..random.Next(mutated.Length)] : mutated);
                try
                {
                    // The page shows whatever was read.
                    HtmlReport.Write(HarnessResults.Read(_folder.File("results.json")), Stream.Null);
                }
                catch (EvaluationDataException)
                {
                    refusedCount++;
                }
            }

            File.WriteAllBytes(path, original);
        }

        refusedCount.Should().BeInRange(300, 1100, "most changes break the syntax, and others only change a value");
    }

    [Fact]
    public void SamplesFileName_OfAnyTask_IsAFileInTheFolder()
    {
        string[] names = ["mmlu_anatomy", "../../etc/passwd", ".._.._etc_passwd", "a/b", "a\\b", "", new string('x', 5000), "q:\0"];

        string[] files = [.. names.Select(HarnessResults.SamplesFileName)];

        files[0].Should().Be("samples_mmlu_anatomy.jsonl");
        files.Should().OnlyHaveUniqueItems().And.OnlyContain(name => name.Length < 200 && Path.GetFileName(name) == name && !name.Contains(':') && !name.Contains('\0'));
    }

    private EvaluationReport WriteAndRead(EvaluationReport report)
    {
        using (FileStream file = File.Create(_folder.File("results.json")))
            HarnessResults.Write(report, file);
        foreach (TaskReport task in report.Tasks)
        {
            using FileStream file = File.Create(_folder.File(HarnessResults.SamplesFileName(task.Info.Name)));
            HarnessResults.WriteSamples(task, file);
        }

        return HarnessResults.Read(_folder.File("results.json"));
    }

    private static JsonElement Results(EvaluationReport report)
    {
        using var stream = new MemoryStream();
        HarnessResults.Write(report, stream);
        return JsonElement.Parse(stream.ToArray());
    }

    private static string[] Samples(TaskReport task)
    {
        using var stream = new MemoryStream();
        HarnessResults.WriteSamples(task, stream);
        return Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
