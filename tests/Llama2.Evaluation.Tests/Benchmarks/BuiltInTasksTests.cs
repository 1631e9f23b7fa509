namespace Llama2.Evaluation.Tests.Benchmarks;

public class BuiltInTasksTests
{
    private static readonly IReadOnlyList<System.Text.Json.JsonElement> s_questions = Documents.Parse(
        """{"question": " What is 1 + 1? ", "choices": ["1", "2", "3", "4"], "answer": 1}""",
        """{"question": "What is 2 + 2?", "choices": ["1", "2", "3", "4"], "answer": 3}""");

    [Fact]
    public void Create_Mmlu_HasFiftySevenTasksInFourGroups()
    {
        EvaluationTaskSet set = BuiltInTasks.Create("mmlu", (_, _, _) => s_questions, new BuiltInTaskOptions { FewShotCount = 0 });

        set.Tasks.Should().HaveCount(57).And.OnlyHaveUniqueItems(task => task.Info.Name);
        set.Groups.Select(group => group.Name).Should().Equal("mmlu", "mmlu_stem", "mmlu_other", "mmlu_social_sciences", "mmlu_humanities");
        set.Groups.Skip(1).Select(group => group.TaskNames.Count).Should().Equal(19, 13, 12, 13);
    }

    [Fact]
    public void CreateExample_MmluSubject_ShowsSolvedExamplesAndAsksForLetters()
    {
        IEvaluationTask task = BuiltInTasks.Create("mmlu_us_foreign_policy", (path, name, split) =>
        {
            (path, name).Should().Be(("cais/mmlu", "us_foreign_policy"));
            return split == "dev" ? [s_questions[0]] : [s_questions[1]];
        }, new BuiltInTaskOptions { FewShotCount = 1 }).Tasks[0];

        IReadOnlyList<EvaluationRequest> requests = task.CreateExample(0).Requests;

        string prompt = "The following are multiple choice questions (with answers) about us foreign policy.\n\n"
            + "What is 1 + 1?\nA. 1\nB. 2\nC. 3\nD. 4\nAnswer: B\n\nWhat is 2 + 2?\nA. 1\nB. 2\nC. 3\nD. 4\nAnswer:";
        requests.Should().Equal(new[] { " A", " B", " C", " D" }.Select(letter => new LogLikelihoodRequest(prompt, letter)));
    }

    [Fact]
    public void Create_FewerExamplesThanFewShots_NamesBothNumbers()
    {
        Action create = () => BuiltInTasks.Create("mmlu_anatomy", (_, _, _) => s_questions);
        create.Should().Throw<EvaluationDataException>().WithMessage("*'mmlu_anatomy' has 2 examples*fewer than the 5*");
    }

    [Fact]
    public void Create_MmluWithoutSomeSubjects_LeavesThemOutAndSaysSo()
    {
        EvaluationTaskSet set = BuiltInTasks.Create(
            "mmlu",
            (_, name, _) => name is "anatomy" or "astronomy" or "virology" ? s_questions : throw new EvaluationDataException("Not there.") { IsMissingData = true },
            new BuiltInTaskOptions { FewShotCount = 0 });

        set.Tasks.Select(task => task.Info.Name).Should().Equal("mmlu_anatomy", "mmlu_astronomy", "mmlu_virology");
        set.Groups.Select(group => group.Alias).Should().Equal("mmlu (3 of 57 tasks)", "stem (2 of 19 tasks)", "other (1 of 13 tasks)");
        set.Groups[0].TaskNames.Should().Equal("mmlu_stem", "mmlu_other");
    }

    [Fact]
    public void Create_MmluWithoutAnySubject_IsRefused()
    {
        Action create = () => BuiltInTasks.Create("mmlu", (_, _, _) => throw new EvaluationDataException("Not there.") { IsMissingData = true });
        create.Should().Throw<EvaluationDataException>().WithMessage("Not there.");
    }

    [Fact]
    public void Create_MmluWithAMalformedSubject_IsRefused()
    {
        Action create = () => BuiltInTasks.Create("mmlu", (_, name, _) => name == "virology" ? throw new EvaluationDataException("Malformed.") : s_questions, new BuiltInTaskOptions { FewShotCount = 0 });
        create.Should().Throw<EvaluationDataException>().WithMessage("Malformed.");
    }

    [Fact]
    public void Create_UnknownName_IsRefused()
    {
        Action create = () => BuiltInTasks.Create("mmlu_astrology", (_, _, _) => s_questions);
        create.Should().Throw<ArgumentException>().WithMessage("*mmlu_astrology*");
    }

    [Fact]
    public void CreateExample_DocumentWithoutAField_NamesTheField()
    {
        IEvaluationTask task = BuiltInTasks.Create("mmlu_anatomy", (_, _, _) => Documents.Parse("""{"question": "?", "answer": 0}"""), new BuiltInTaskOptions { FewShotCount = 0 }).Tasks[0];
        Action create = () => task.CreateExample(0);
        create.Should().Throw<EvaluationDataException>().WithMessage("*'choices'*");
    }

    [Theory]
    [InlineData("siqa", "social_iqa")]
    [InlineData("squad_v2", "squadv2")]
    [InlineData("crows_pairs", "crows_pairs_english")]
    public void Describe_OtherName_IsTheTask(string other, string name)
    {
        BuiltInTasks.Contains(other).Should().BeTrue();
        BuiltInTasks.Describe(other).Name.Should().Be(name);
    }

    [Fact]
    public void Contains_UnknownName_IsFalse() => BuiltInTasks.Contains("mmlu_astrology").Should().BeFalse();

    [Fact]
    public void Describe_EveryName_SaysWhatIsMeasured()
    {
        BuiltInTasks.Names.Should().OnlyHaveUniqueItems().And.BeInAscendingOrder(StringComparer.Ordinal);
        foreach (string name in BuiltInTasks.Names)
        {
            BuiltInTaskDescription description = BuiltInTasks.Describe(name);
            description.Description.Length.Should().BeGreaterThan(40, name);
            (description.DatasetPath.Length > 0).Should().Be(description.TaskNames.Count == 0, name);
            description.TaskNames.Should().BeSubsetOf(BuiltInTasks.Names, name);
        }
    }
}
