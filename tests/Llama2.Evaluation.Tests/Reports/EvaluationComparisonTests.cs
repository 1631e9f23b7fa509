namespace Llama2.Evaluation.Tests.Reports;

public sealed class EvaluationComparisonTests
{
    [Fact]
    public void Compare_RightAndWrongAnswers_HasMcNemarsTest()
    {
        // The second model is right on 9 questions that the first one gets wrong, and wrong on 1 that the first one gets right.
        bool[] first = [true, .. Enumerable.Repeat(false, 9), .. Enumerable.Repeat(true, 10)], second = [.. first.Select((right, i) => i < 10 ? !right : right)];

        EvaluationComparison comparison = EvaluationComparison.Compare(Report(first), Report(second));

        MetricComparison metric = comparison.Tasks[0].Metrics[0];
        metric.Test.Should().Be(PairedTest.McNemar);
        (metric.First, metric.Second, metric.PairCount, metric.FirstGreaterCount, metric.SecondGreaterCount).Should().Be((0.55, 0.95, 20, 1, 9));
        // 2·(1 + 10) / 2¹⁰
        metric.Significance.Should().BeApproximately(22 / 1024.0, 1e-12);
        metric.IsSecondBetter.Should().BeTrue();
        // The differences are 9 times 1, once -1 and 10 times 0; 2.093 is Student's quantile for 19 degrees.
        metric.ConfidenceRadius.Should().BeApproximately(2.093024054 * Math.Sqrt((10 - (8 * 8 / 20.0)) / 19 / 20), 1e-8);
        comparison.Tasks[0].DifferentExamples.Should().Equal(Enumerable.Range(0, 10));
    }

    [Fact]
    public void Compare_EqualAnswers_AreNotSignificant()
    {
        EvaluationReport report = Report(true, false, true);

        MetricComparison metric = EvaluationComparison.Compare(report, report).Tasks[0].Metrics[0];

        (metric.Difference, metric.Significance, metric.ConfidenceRadius, metric.IsSecondBetter).Should().Be((0, 1, 0, null));
    }

    [Fact]
    public void Compare_ExamplesInAnotherOrder_ArePairedByTheirNumbers()
    {
        EvaluationReport first = Report(true, false, true, true), second = Report(false, false, true, true);
        EvaluationReport reversed = second with { Tasks = [second.Tasks[0] with { Examples = [.. second.Tasks[0].Examples.Reverse()] }] };

        EvaluationComparison.Compare(first, reversed).Tasks[0].DifferentExamples.Should().Equal(0);
    }

    [Fact]
    public void Compare_PerplexityAndOneExample_HaveNoTest()
    {
        EvaluationReport first = ReportSamples.Report("a", ReportSamples.Perplexity("pages", (-12.5, 4), (-3.25, 2)), ReportSamples.Choices("one", true));
        EvaluationReport second = ReportSamples.Report("b", ReportSamples.Perplexity("pages", (-11.5, 4), (-3.0, 2)), ReportSamples.Choices("one", false));

        EvaluationComparison comparison = EvaluationComparison.Compare(first, second);

        comparison.Tasks.SelectMany(task => task.Metrics).Should().OnlyContain(metric => metric.Test == PairedTest.None && metric.Significance == null && metric.IsSecondBetter == null);
        comparison.Tasks[0].Metrics[0].Difference.Should().BeApproximately(Math.Exp(14.5 / 6) - Math.Exp(15.75 / 6), 1e-9);
    }

    [Fact]
    public void Compare_Groups_PoolTheExamplesOrWeighTasksEqually()
    {
        TaskReport[] first = [ReportSamples.Choices("x", true, false, false, true), ReportSamples.Choices("y", true, false)];
        TaskReport[] second = [ReportSamples.Choices("x", true, true, true, true), ReportSamples.Choices("y", false, false)];
        EvaluationReport Grouped(TaskReport[] tasks) => ReportSamples.Report("m", tasks) with
        {
            Groups = [ReportSamples.Group("pooled", isWeighted: true, tasks), ReportSamples.Group("equal", isWeighted: false, tasks)],
        };

        EvaluationComparison comparison = EvaluationComparison.Compare(Grouped(first), Grouped(second));

        MetricComparison pooled = comparison.Groups[0].Metrics[0], equal = comparison.Groups[1].Metrics[0];
        (pooled.Test, pooled.PairCount, pooled.FirstGreaterCount, pooled.SecondGreaterCount).Should().Be((PairedTest.McNemar, 6, 1, 2));
        pooled.Difference.Should().BeApproximately(1 / 6.0, 1e-12);
        equal.Test.Should().Be(PairedTest.Student);
        equal.Difference.Should().BeApproximately(0, 1e-12);
        // The variances of the two means are (4/12)/4 and (1/2)/2.
        equal.ConfidenceRadius.Should().BeApproximately(2.776445105 * Math.Sqrt((1 / 12.0 + 0.25) / 4), 1e-8);
    }

    [Fact]
    public void Compare_ReportsThatDoNotBelongTogether_AreRefusedWithTheReason()
    {
        EvaluationReport report = Report(true, false);
        TaskReport task = report.Tasks[0];

        Refuse(ReportSamples.Report("b", ReportSamples.Choices("others", true, false)), "*only the first has 'questions', only the second has 'others'*");
        Refuse(ReportSamples.Report("b", task with { Info = task.Info with { Version = "3" } }), "*'questions'*version '2'*'3'*");
        Refuse(ReportSamples.Report("b", task with { Examples = [] }), "*second report has no examples*samples_questions.jsonl*");
        Refuse(ReportSamples.Report("b", ReportSamples.Choices("questions", true)), "*2 examples*1 in the second*");
        Refuse(ReportSamples.Report("b", task with { Examples = [task.Examples[0], task.Examples[0]] }), "*no example 1*");
        ExampleResult changed = task.Examples[1] with { Example = task.Examples[1].Example with { Document = task.Examples[0].Example.Document } };
        Refuse(ReportSamples.Report("b", task with { Examples = [task.Examples[0], changed] }), "*example 1*different document*");

        void Refuse(EvaluationReport second, string message)
            => FluentActions.Invoking(() => EvaluationComparison.Compare(report, second)).Should().Throw<EvaluationDataException>().WithMessage(message);
    }

    private static EvaluationReport Report(params bool[] isRight) => ReportSamples.Report("m", ReportSamples.Choices("questions", isRight));
}
