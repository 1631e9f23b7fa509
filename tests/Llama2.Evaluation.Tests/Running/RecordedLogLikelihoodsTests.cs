namespace Llama2.Evaluation.Tests.Running;

public class RecordedLogLikelihoodsTests
{
    [Fact]
    public void Read_Recording_HasSubjectsAndNumbers()
    {
        IReadOnlyList<RecordedLogLikelihoods> subjects = Read("""[{"subject": "anatomy", "loglikelihoods": [[-1.5, -2], [-3, -0.25]], "expected": {"acc": 1}}]""");

        subjects.Should().ContainSingle().Which.Subject.Should().Be("anatomy");
        subjects[0].Questions.Should().HaveCount(2);
        subjects[0].Questions[1].Should().Equal(-3, -0.25);
    }

    [Theory]
    [InlineData("{}", "*does not contain a list*")]
    [InlineData("[", "*is not JSON*")]
    [InlineData("[1]", "*without the text 'subject'*")]
    [InlineData("""[{"subject": "a"}]""", "*no list 'loglikelihoods' for the subject 'a'*")]
    [InlineData("""[{"subject": "a", "loglikelihoods": [[-1], []]}]""", "*the question 1 *of the subject 'a'*")]
    [InlineData("""[{"subject": "a", "loglikelihoods": [[-1, "x"]]}]""", "*not a finite number for the question 0*")]
    [InlineData("""[{"subject": "a", "loglikelihoods": [[-1e999]]}]""", "*not a finite number for the question 0*")]
    [InlineData("""[{"subject": "a", "loglikelihoods": []}, {"subject": "a", "loglikelihoods": []}]""", "*'a' twice*")]
    public void Read_MalformedRecording_SaysWhatIsWrong(string json, string message)
    {
        Action read = () => Read(json);
        read.Should().Throw<EvaluationDataException>().WithMessage(message);
    }

    private static IReadOnlyList<RecordedLogLikelihoods> Read(string json)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, json);
            return RecordedLogLikelihoods.Read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
