namespace Llama2.Evaluation.Tests.Data.Forms;

/// <summary>Data sets with choices as their authors publish them, in small made-up files, have the fields of the hub.</summary>
public sealed class MultipleChoiceFormTests : IDisposable
{
    private readonly FormFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("question,choice0,choice1,choice2,choice3,answer\nQ,a,b,c,d,2\n")]
    [InlineData("Q,a,b,c,d,C\n")]
    public void Read_MmluWithOrWithoutHeader_HasFieldsOfTheHub(string csv)
    {
        _folder.Write("mmlu/data/val/world_history_val.csv", csv);

        _folder.Read("cais/mmlu", "world_history", "validation").Should().Be("""{"question":"Q","subject":"world_history","choices":["a","b","c","d"],"answer":2}""");
    }

    [Fact]
    public void Read_MmluOfAllSubjects_IsInTheirOrder()
    {
        _folder.Write("mmlu/test/b_test.csv", "Q1,a,b,c,d,A\n");
        _folder.Write("mmlu/test/a_test.csv", "Q2,a,b,c,d,D\nQ3,a,b,c,d,B\n");

        _folder.Fields("cais/mmlu", "all", "test", "question").Should().Equal("Q2", "Q3", "Q1");
    }

    [Fact]
    public void Read_MmluSubjectOfTheHubsFileOfAll_HasOnlyItsRows()
    {
        _folder.Write("cais/mmlu/all/test-00000-of-00001.jsonl", """
            {"question":"Q1","subject":"a","choices":["1","2"],"answer":0}
            {"question":"Q2","subject":"b","choices":["1","2"],"answer":1}
            """);

        _folder.Fields("cais/mmlu", "b", "test", "question").Should().Equal("Q2");
        new Action(() => _folder.Read("cais/mmlu", "c", "test")).Should().Throw<EvaluationDataException>().Which.Message.Should().Contain("no rows of the subject 'c'");
    }

    [Theory]
    [InlineData("Q,a,b,c,d,E\n", "row 1, the answer is neither")]
    [InlineData("Q,a,b,c,D\n", "line 1, there are 5 fields instead of 6")]
    public void Read_MalformedMmlu_IsRefusedWithItsPlace(string csv, string expected)
    {
        _folder.Write("mmlu/test/a_test.csv", csv);

        new Action(() => _folder.Read("cais/mmlu", "a", "test")).Should().Throw<EvaluationDataException>().Which.Message.Should().Contain(expected);
    }

    [Fact]
    public void Read_TruthfulQaChoices_ArePreferredToTheTable()
    {
        _folder.Write("truthfulqa/TruthfulQA.csv", "Type,Category,Question,Best Answer,Correct Answers,Incorrect Answers,Source\nt,c,Q,Best,\"Best; Good;\",Bad; Bad; Worse,s\n");
        _folder.Read("truthful_qa", "multiple_choice", "validation").Should().Be(
            """{"type":"t","category":"c","question":"Q","best_answer":"Best","correct_answers":["Best","Good"],"incorrect_answers":["Bad","Bad","Worse"],"source":"s","mc1_targets":{"choices":["Best","Bad","Worse"],"labels":[1,0,0]},"mc2_targets":{"choices":["Best","Good","Bad","Worse"],"labels":[1,1,0,0]}}""");

        _folder.Write("truthfulqa/mc_task.json", """[{"question":"Q","mc1_targets":{"a":1,"b":0},"mc2_targets":{"a":1,"c":1,"b":0}}]""");
        _folder.Read("truthful_qa", "multiple_choice", "validation").Should().Be(
            """{"question":"Q","mc1_targets":{"choices":["a","b"],"labels":[1,0]},"mc2_targets":{"choices":["a","c","b"],"labels":[1,1,0]}}""");
        _folder.Read("truthful_qa", "generation", "validation").Should().Contain("best_answer");
    }
}
