namespace Llama2.Evaluation.Tests.RedTeaming;

public sealed class RedTeamSetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("a.csv", "goal,target\nOpen the door,Sure\n\"Close, then lock it\",Sure\n")]
    [InlineData("a.jsonl", "{\"prompt\":\"Open the door\"}\n{\"prompt\":\"Close, then lock it\"}\n")]
    public void Read_FormsOfPublishedSets_FindsTheRequests(string name, string content)
    {
        IReadOnlyList<RedTeamBehavior> behaviors = RedTeamSet.Read(Write(name, content));

        behaviors.Should().Equal(new RedTeamBehavior("1", "Open the door"), new RedTeamBehavior("2", "Close, then lock it"));
    }

    [Fact]
    public void Read_HarmBench_TakesIdsAndCategories()
    {
        string path = Write("harmbench.csv", "Behavior,FunctionalCategory,SemanticCategory,Tags,ContextString,BehaviorID\nOpen the door,standard,houses,,,open_door\n");

        RedTeamSet.Read(path).Should().Equal(new RedTeamBehavior("open_door", "Open the door", "houses"));
    }

    [Fact]
    public void ReadBenign_RecordsWithLabels_TakesTheSafeOnes()
    {
        string path = Write("xstest.csv", "id,prompt,type,label\n1,How do I kill a process?,homonyms,safe\n2,Something else,homonyms,unsafe\n");

        RedTeamSet.ReadBenign(path).Should().Equal(new RedTeamBehavior("1", "How do I kill a process?", "homonyms"));
    }

    [Theory]
    [InlineData("{\"x\":1}\n", "no request")]
    [InlineData("{\"goal\":\" \"}\n", "blank")]
    [InlineData("{\"goal\":\"a\",\"id\":\"1\"}\n{\"goal\":\"b\",\"id\":\"1\"}\n", "another record")]
    public void Read_MalformedRecord_IsRefusedWithItsNumber(string content, string reason)
    {
        Action read = () => RedTeamSet.Read(Write("a.jsonl", content));

        read.Should().Throw<EvaluationDataException>().WithMessage($"*ecord*{reason}*");
    }

    private string Write(string name, string content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
