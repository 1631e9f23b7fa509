using Llama2.Evaluation.Tests.Benchmarks;
using Llama2.Tests;
using Llama2.Tests.Grammar.Schemas;

namespace Llama2.Evaluation.Tests.Harness;

public sealed class HarnessTasksTests : IDisposable
{
    private readonly TaskFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_File_HasTheTaskWithItsProperties()
    {
        string path = _folder.Write("a.yaml", TaskFolder.Minimal + "task_alias: T\ntag: [x, y]\nnum_fewshot: 1\nmetadata: {version: 2.50}\nmetric_list: [{metric: exact_match}]\n");

        IEvaluationTask task = TaskFolder.Load(path).Tasks.Should().ContainSingle().Subject;

        (task.Info.Name, task.Info.Alias, task.Info.Version, task.Info.OutputType, task.Info.FewShotCount).Should().Be(("t", "T", "2.50", "generate_until", 1));
        task.Info.Tags.Should().Equal("x", "y");
        task.Info.Configuration.GetProperty("metadata").GetProperty("version").GetRawText().Should().Be("2.5");
        task.Metrics.Should().ContainSingle().Which.Key.Should().Be("exact_match,none");
        task.ExampleCount.Should().Be(2);
    }

    // The documents' targets are "1" and "2".
    [Fact]
    public async Task Run_SimilarityMetrics_AreComputedOverAllTexts()
    {
        string path = _folder.Write("a.yaml", TaskFolder.Minimal.Replace("doc_to_target: a", "doc_to_target: 'the cat {{a}} on the red mat'", StringComparison.Ordinal)
            + "metric_list: [{metric: bleu}, {metric: chrf, aggregation: chrf}, {metric: ter, higher_is_better: false}]\n");
        IEvaluationTask task = TaskFolder.Load(path).Tasks[0];

        TaskReport report = await PseudoRandomAnswers.RunAsync(task, ["the cat 1 on the red mat", "cat the"]);

        report.Metrics.Select(result => (result.Metric.Name, result.Metric.Aggregation.Name, result.Metric.HigherIsBetter)).Should().Equal(("bleu", "bleu", true), ("chrf", "chrf", true), ("ter", "ter", false));
        // By sacrebleu: corpus_bleu, corpus_chrf and corpus_ter of these two texts.
        report.Metrics.Select(result => Math.Round(result.Value, 8)).Should().Equal(55.20629356, 60.50626422, 35.71428571);
        report.Examples[0].Score.Samples["bleu,none"].Value.Should().BeApproximately(100, 1e-9);
        report.Examples.Should().OnlyContain(example => example.Score.IsCorrect == null);
    }

    [Fact]
    public void Load_Documents_AreOnlyReadWhenTheyAreUsed()
    {
        string path = _folder.Write("a.yaml", TaskFolder.Minimal);

        IEvaluationTask task = HarnessTasks.Load(path, (dataset, name, split) => throw new EvaluationDataException($"{dataset}/{name}/{split}")).Tasks[0];

        task.Invoking(task => task.ExampleCount).Should().Throw<EvaluationDataException>().WithMessage("d//test");
    }

    [Fact]
    public void Load_Folder_CollectsFaultsAndLoadsTheOthers()
    {
        _folder.Write("good.yaml", TaskFolder.Minimal);
        _folder.Write("deep/er/python.yaml", TaskFolder.Minimal.Replace("task: t", "task: p", StringComparison.Ordinal) + "process_docs: !function utils.change\n");
        _folder.Write("broken.yaml", "a: [");
        _folder.Write("not-a-task.yml", "a: [");

        HarnessTasks tasks = _folder.Load();

        tasks.Tasks.Select(task => task.Info.Name).Should().Equal("t");
        tasks.Faults.Select(fault => (Path.GetFileName(fault.FilePath), fault.Key, fault.FunctionName)).Should().BeEquivalentTo(
            new[] { ("broken.yaml", (string?)null, (string?)null), ("python.yaml", "process_docs", "utils.change") });
    }

    [Fact]
    public void Load_FolderWithoutTaskFiles_Throws()
        => FluentActions.Invoking(() => _folder.Load()).Should().Throw<HarnessTaskException>().WithMessage("*no task files*");

    [Fact]
    public void Select_GroupTagAndTask_HasEachTaskOnce()
    {
        HarnessTasks tasks = TaskFolder.Load(RepositoryFiles.Committed("tests", "data", "evaluation", "harness", "tasks"));

        tasks.Faults.Should().BeEmpty();
        EvaluationTaskSet set = tasks.Select("made_up", "odd", "prefix", "no_training");

        set.Tasks.Select(task => task.Info.Name).Should().Equal("prefix", "prefix_field", "fewshot_config", "made_up::contexts", "samples", "made_up::inner::own", "no_training");
        set.Groups.Select(group => group.Name).Should().Equal("made_up", "made_up::inner");
        EvaluationTaskGroup group = set.Groups[0];
        (group.Alias, group.Version, group.IsWeightedBySize).Should().Be(("Made up", "3", false));
        group.Metrics.Should().Equal("acc");
        group.Filters.Should().Equal("none");
        set.Tasks.Single(task => task.Info.Name == "made_up::contexts").Info.FewShotCount.Should().Be(3);
        tasks.Invoking(tasks => tasks.Select("nothing")).Should().Throw<ArgumentException>().WithMessage("*'nothing'*");
    }

    [Fact]
    public void Load_FileOfAGroup_HasItsMembersOnly()
    {
        HarnessTasks tasks = TaskFolder.Load(RepositoryFiles.Committed("tests", "data", "evaluation", "harness", "tasks", "group.yaml"));

        tasks.Tasks.Should().HaveCount(6);
        tasks.Groups.Should().HaveCount(2);
    }

    [Fact]
    public void Load_GroupThatContainsItself_IsAFault()
    {
        _folder.Write("t.yaml", TaskFolder.Minimal);
        _folder.Write("a.yaml", "group: a\ntask: [b, t]\n");
        _folder.Write("b.yaml", "group: b\ntask: a\n");

        _folder.Load().Faults.Should().Contain(fault => fault.Message.Contains("contains itself"));
    }

    [Fact]
    public void Load_FileOfAGroupThatContainsItself_IsRefusedWithTheReason()
    {
        _folder.Write("0.yaml", "group: another\ntask: 5.5: x\n");
        _folder.Write("a.yaml", "group: a\ntask: b\n");
        _folder.Write("b.yaml", "group: b\ntask: a\n");
        string path = _folder.Write("c.yaml", "group: c\ntask: [a]\n");

        FluentActions.Invoking(() => TaskFolder.Load(path)).Should().Throw<HarnessTaskException>().WithMessage("*contains itself*");
    }

    [Fact]
    public void Load_GroupNamedAsATask_IsAFaultOfTheSecondFile()
    {
        _folder.Write("a.yaml", TaskFolder.Minimal);
        _folder.Write("b.yaml", $"group: {_folder.Load().Tasks.Single().Info.Name}\ntask: []\n");

        HarnessTasks tasks = _folder.Load();

        tasks.Groups.Should().BeEmpty();
        tasks.Faults.Should().ContainSingle().Which.Message.Should().Contain("b.yaml").And.Contain("is used");
    }

    [Fact]
    public void Load_UnknownMemberOfAGroup_IsAFaultThatNamesIt()
    {
        _folder.Write("t.yaml", TaskFolder.Minimal);
        _folder.Write("a.yaml", "group: a\ntask: [t, missing]\n");

        HarnessTasks tasks = _folder.Load();

        tasks.Groups.Single().TaskNames.Should().Equal("t", "missing");
        tasks.Faults.Should().ContainSingle().Which.Message.Should().Contain("'missing'");
    }

    [SharedDataFact("lm-eval-tasks")]
    public void Load_HarnessFolder_LoadsAllFilesButThoseThatNeedPython()
    {
        HarnessTasks tasks = TaskFolder.Load(SharedDataFactAttribute.PathOf("lm-eval-tasks"));

        tasks.Tasks.Should().HaveCount(20);
        tasks.Groups.Should().ContainSingle().Which.Name.Should().Be("mmlu");
        tasks.Faults.Where(fault => fault.Key != "task").Select(fault => (fault.Key, fault.FunctionName)).Should().BeEquivalentTo(
            new[] { ("filter_list", "utils.build_predictions"), ("metric_list", "utils.pass_at_1"), ("class", "task.SQuAD2") });
        tasks.Faults.Should().OnlyContain(fault => fault.Key == "task" || fault.BuiltInTask != null);
        tasks.Faults.Where(fault => fault.Key == "task").Should().HaveCount(4, "only one of the files of MMLU is there");
    }

    [Fact]
    public void CreateExample_TaskThatStatesNoFewShots_KeepsThem()
    {
        string zero = _folder.Write("a.yaml", TaskFolder.Minimal + "num_fewshot: 0\n"), none = _folder.Write("b.yaml", TaskFolder.Minimal);
        var options = new HarnessTaskOptions { FewShotCount = 1 };

        TaskFolder.Load(zero, options).Tasks[0].Info.FewShotCount.Should().Be(0);
        TaskFolder.Load(none, options).Tasks[0].Info.FewShotCount.Should().Be(1);
    }

    [Fact]
    public async Task ScoreAsync_Generation_AppliesFiltersAndExactMatch()
    {
        string path = _folder.Write("a.yaml", TaskFolder.Minimal + """
            repeats: 3
            filter_list:
              - {name: vote, filter: [{function: regex, regex_pattern: "[0-9]+", group_select: -1}, {function: majority_vote}, {function: take_first}]}
              - {name: first, filter: [{function: take_first}, {function: remove_whitespace}]}
            metric_list: [{metric: exact_match, regexes_to_ignore: ["0+$"]}]
            """);
        IEvaluationTask task = TaskFolder.Load(path).Tasks[0];

        EvaluationScore score = await task.ScoreAsync(task.CreateExample(0), [new() { Text = " 2 " }, new() { Text = "is 5 or 1" }, new() { Text = "1" }]);

        score.Samples.Select(sample => (sample.Key, sample.Value.Value)).Should().Equal(("exact_match,vote", 1), ("exact_match,first", 0));
    }

    [Fact]
    public async Task ScoreAsync_EvaluatesAWholeRun()
    {
        string path = _folder.Write("a.yaml", "task: t\ndataset_path: d\ntest_split: test\noutput_type: multiple_choice\ndoc_to_text: q\ndoc_to_target: i\ndoc_to_choice: [x, y]\n");
        IEvaluationTask task = TaskFolder.Load(path).Tasks[0];

        EvaluationScore score = await task.ScoreAsync(task.CreateExample(0), [new() { LogLikelihood = -2 }, new() { LogLikelihood = -1 }]);

        score.Samples.Keys.Should().Equal("acc,none", "acc_norm,none");
        score.IsCorrect.Should().BeTrue();
    }
}
