using Llama2.Evaluation.Running;

namespace Llama2.Evaluation.Tests.Running;

public sealed class ResponseJournalTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Find_AfterReopening_ReturnsEachResponseBitForBit()
    {
        EvaluationResponse[] responses =
        [
            new() { LogLikelihood = -0.1 - double.Epsilon, IsGreedy = true, TokenCount = 3 },
            new() { LogLikelihood = -1.0 / 3, IsTruncated = true, TokenCount = 1 },
            new() { Text = "line\nbreak, \"quotes\", \u2028 and \ud83e\udd99", TokenCount = 9 },
            new() { Text = "" },
            new() { LogLikelihood = double.NegativeInfinity },
            new() { LogLikelihood = double.NaN },
        ];
        using (var journal = ResponseJournal.Open(_path, "model"))
        {
            for (int i = 0; i < responses.Length; i++)
                journal.Add($"key {i}", responses[i]);
        }

        using var reopened = ResponseJournal.Open(_path, "model");

        for (int i = 0; i < responses.Length; i++)
            reopened.Find($"key {i}").Should().Be(responses[i]);
        reopened.Find("key 6").Should().BeNull();
    }

    [Fact]
    public void Open_FileCutOffAnywhere_KeepsTheCompleteLinesAndContinues()
    {
        using (var journal = ResponseJournal.Open(_path, "model"))
        {
            for (int i = 0; i < 5; i++)
                journal.Add($"key {i}", new EvaluationResponse { Text = $"Antwort {i} für \ud83e\udd99", TokenCount = i });
        }

        byte[] whole = File.ReadAllBytes(_path);
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(_path, whole[..length]);
            int lineCount = whole.AsSpan(0, length).Count((byte)'\n');
            using (var journal = ResponseJournal.Open(_path, "model"))
            {
                journal.StoredCount.Should().Be(Math.Max(0, lineCount - 1), "the file was cut off after {0} bytes", length);
                journal.Add("new", new EvaluationResponse { LogLikelihood = -2 });
            }

            using var reopened = ResponseJournal.Open(_path, "model");
            reopened.Find("new")!.LogLikelihood.Should().Be(-2);
        }
    }

    [Fact]
    public void Open_JournalOfAnotherModel_IsRefusedWithBothFingerprints()
    {
        ResponseJournal.Open(_path, "first").Dispose();

        Action open = () => ResponseJournal.Open(_path, "second");

        open.Should().Throw<EvaluationDataException>().WithMessage("*'first'*'second'*");
    }

    [Theory]
    [InlineData("A story.\n")]
    [InlineData("[1,2]\n")]
    [InlineData("{\"key\":\"x\"}\n")]
    [InlineData("A story without a line end")]
    [InlineData("{\"prompt\":\"a record without a line end\"}")]
    [InlineData("{\"llama2_journal\":1,\"fingerprint\":\"other")]
    public void Open_AnotherFile_IsRefusedAndLeftUnchanged(string content)
    {
        File.WriteAllText(_path, content);

        Action open = () => ResponseJournal.Open(_path, "model");

        open.Should().Throw<EvaluationDataException>().WithMessage("*not a journal*");
        File.ReadAllText(_path).Should().Be(content);
    }

    [Theory]
    [InlineData("{\"llama2_journal\":2,\"fingerprint\":\"model\"}\n")]
    [InlineData("{\"llama2_journal\":\"new\",\"fingerprint\":\"model\"}\n")]
    public void Open_JournalOfAnotherVersion_IsRefusedAndLeftUnchanged(string content)
    {
        File.WriteAllText(_path, content);

        Action open = () => ResponseJournal.Open(_path, "model");

        open.Should().Throw<EvaluationDataException>().WithMessage("*version*reads version 1*");
        File.ReadAllText(_path).Should().Be(content);
    }

    [Theory]
    [InlineData("{\"llama2_journal\":1,\"fingerprint\":5}\n")]
    [InlineData("{\"llama2_journal\":1}\n")]
    public void Open_HeaderWithoutFingerprint_IsRefused(string content)
    {
        File.WriteAllText(_path, content);

        Action open = () => ResponseJournal.Open(_path, "model");

        open.Should().Throw<EvaluationDataException>().WithMessage("*another model*");
    }

    [Fact]
    public void Open_OneDamagedByteAnywhereInALine_KeepsAllOtherLines()
    {
        using (var journal = ResponseJournal.Open(_path, "model"))
        {
            for (int i = 0; i < 5; i++)
                journal.Add($"key {i}", new EvaluationResponse { Text = $"Antwort {i} für", TokenCount = i });
        }

        byte[] whole = File.ReadAllBytes(_path);
        int start = 0;
        for (int line = 0; line < 3; line++)
            start += whole.AsSpan(start).IndexOf((byte)'\n') + 1;
        int end = start + whole.AsSpan(start).IndexOf((byte)'\n');
        foreach (byte damage in (byte[])[0, 0x0A, 0x22, 0xFF])
        {
            for (int place = start; place < end; place++)
            {
                byte[] damaged = [.. whole];
                damaged[place] = damage;
                File.WriteAllBytes(_path, damaged);
                using (var journal = ResponseJournal.Open(_path, "model"))
                {
                    foreach (int i in (int[])[0, 1, 3, 4])
                        journal.Find($"key {i}")!.Text.Should().Be($"Antwort {i} für", "the byte {0} is {1}", place, damage);
                    journal.Add("new", new EvaluationResponse { LogLikelihood = -2 });
                }

                using var reopened = ResponseJournal.Open(_path, "model");
                reopened.Find("new")!.LogLikelihood.Should().Be(-2);
                reopened.Find("key 4")!.TokenCount.Should().Be(4);
            }
        }
    }

    [Theory]
    [InlineData("{\"key\":\"x\"}")]
    [InlineData("{\"key\":\"x\",\"tokens\":1}")]
    [InlineData("{\"key\":\"x\",\"log_likelihood\":-1}")]
    [InlineData("{\"key\":\"x\",\"log_likelihood\":\"much\",\"tokens\":1}")]
    [InlineData("{\"key\":\"x\",\"log_likelihood\":-1,\"text\":\"a\",\"tokens\":1}")]
    [InlineData("{\"key\":\"x\",\"text\":\"\\ud83e\",\"tokens\":1}")]
    [InlineData("{\"key\":5,\"text\":\"a\",\"tokens\":1}")]
    [InlineData("[]")]
    public void Open_LineWithoutAWholeResponse_IsNoResponse(string line)
    {
        ResponseJournal.Open(_path, "model").Dispose();
        File.AppendAllText(_path, line + "\n");

        using var journal = ResponseJournal.Open(_path, "model");

        journal.StoredCount.Should().Be(0);
    }

    [Fact]
    public void Open_WhileAnotherRunWrites_IsRefused()
    {
        using var first = ResponseJournal.Open(_path, "model");

        Action open = () => ResponseJournal.Open(_path, "model");

        open.Should().Throw<IOException>();
    }
}
