using System.Security.Cryptography;
using System.Text;
using Llama2.Tests;

namespace Llama2.Training.Tests.Datasets;

public sealed class TrainingDatasetTests : IDisposable
{
    private const string Chat = """{"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi!"}]}""";

    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(RepositoryFiles.Committed("tests", "data", "spm512.model"));
    private static readonly DatasetOptions s_options = new() { PromptFormat = PromptFormat.Llama2 };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<DatasetFormat, string, string, string> Formats => new()
    {
        { DatasetFormat.Chat, """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi!"}]}""", "<<SYS>>\nBe brief.\n<</SYS>>\n\nHello", "Hi!" },
        { DatasetFormat.ShareGpt, """{"id":1,"conversations":[{"from":"gpt","value":"x"},{"from":"human","value":"Hello"},{"from":"gpt","value":"Hi!"},{"from":"human","value":"y"}]}""", "Hello", "Hi!" },
        { DatasetFormat.Alpaca, """{"instruction":"Say hello.","input":"","output":"Hi!"}""", "Say hello.", "Hi!" },
        { DatasetFormat.Alpaca, """{"instruction":"Say hello.","input":"to a","output":"Hi!"}""", "Say hello.\nto a", "Hi!" },
        { DatasetFormat.PromptCompletion, """{"prompt":"Hello","completion":"Hi!"}""", "Hello", "Hi!" },
        { DatasetFormat.PromptCompletion, """{"prompt":[{"role":"user","content":"Hello"}],"completion":[{"role":"assistant","content":"Hi!"}]}""", "Hello", "Hi!" },
    };

    public static TheoryData<string, string> Faults => new()
    {
        { """{"messages":[{"role":"user","content":"Hello"},{"role":"assistant"}]}""", "message 1 of 'messages' has no 'content'" },
        { """{"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":" "}]}""", "message 1 of 'messages' is empty" },
        { """{"messages":[{"role":"user","content":"Hello"},{"role":"robot","content":"x"}]}""", "role 'robot'" },
        { """{"messages":[{"role":"user","content":"Hello"}]}""", "does not end with an answer" },
        { """{"messages":[{"role":"user","content":"Hello"},{"role":"user","content":"x"},{"role":"assistant","content":"x"}]}""", "assistant" },
        { """{"messages":"Hello"}""", "'messages' is a text" },
        { """{"messages":[1]}""", "message 0 of 'messages' is a number" },
        { """{"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":"\ud800"}]}""", "half of a surrogate pair" },
        { """{"text":"Hello"}""", "'messages' is missing" },
        { """["Hello"]""", "the record is a list; an object is needed" },
        { """{"messages":[""", "not JSON" },
        { "{\"messages\":[{\"role\":\"user\",\"content\":\"\u0001\"}]}", "not JSON: byte 40: the byte 0x01" },
    };

    [Theory]
    [InlineData("""{"prompt":"a","chosen":"b","rejected":"c"}""", "99")]
    [InlineData("""{"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}]}""", """{"conversations":[{"from":"human","value":"a"},{"f\ud800rom":"gpt","value":"b"}]}""")]
    public void Load_SecondRecordThatCannotBeRead_IsNamedByItsLine(string first, string second) =>
        FluentActions.Invoking(() => Load(first + "\n" + second + "\n", s_options)).Should().Throw<TrainingDataException>().Which.LineNumber.Should().Be(2);

    [Theory]
    [InlineData("", "")]
    [InlineData("[", "]")]
    public void Load_RecordOfManyShortValues_IsRefusedBeforeItTakesManyTimesItsLength(string start, string end)
    {
        string values = string.Join(',', Enumerable.Repeat("0", 900_000));
        string record = Chat[..^1] + $",\"scores\":[{values}]}}", fewer = Chat[..^1] + ",\"scores\":[0,0]}";

        FluentActions.Invoking(() => Load($"{start}{record}{end}", s_options)).Should().Throw<TrainingDataException>()
            .WithMessage("*line 1: it has more than 849,*values*remove the fields*").Which.LineNumber.Should().Be(1);
        Load($"{start}{fewer}{end}", s_options).Samples.Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Load_EachFormat_BecomesAConversationWithItsAnswerToLearn(DatasetFormat format, string record, string question, string answer)
    {
        foreach (string text in (string[])[record + "\n" + record, $"\uFEFF[\n{record},\n{record}\n]\n"])
        {
            TrainingDataset dataset = Load(text, s_options);

            dataset.Report!.Format.Should().Be(format);
            dataset.Samples.Should().HaveCount(2);
            TrainingSample sample = dataset.Samples[1];
            s_tokenizer.Decode(sample.Tokens.Span).Should().Be($"[INST] {question} [/INST] {answer} ");
            int[] learned = [.. sample.Tokens.ToArray().Where((_, i) => sample.LossMask.Span[i])];
            s_tokenizer.Decode(learned).Trim().Should().Be(answer);
            learned[^1].Should().Be(s_tokenizer.EndOfSequenceId);
        }
    }

    [Theory]
    [InlineData("""{"prompt":"Hello","chosen":"Hi!","rejected":"Go."}""")]
    [InlineData("""{"chosen":[{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi!"}],"rejected":[{"role":"user","content":"Hello"},{"role":"assistant","content":"Go."}]}""")]
    public void Load_Preferences_BecomesPairsOfOneConversation(string record)
    {
        TrainingDataset dataset = Load(record, s_options);

        dataset.Samples.Should().BeEmpty();
        PreferencePair pair = dataset.Pairs.Should().ContainSingle().Which;
        s_tokenizer.Decode(pair.Chosen.Tokens.Span).Should().Be("[INST] Hello [/INST] Hi! ");
        s_tokenizer.Decode(pair.Rejected.Tokens.Span).Should().Be("[INST] Hello [/INST] Go. ");
    }

    [Theory]
    [InlineData("""{"prompt":"Hello","chosen":"Hi!","rejected":"Hi!"}""", "are equal")]
    [InlineData("""{"chosen":"Hi!","rejected":"Go."}""", "an answer without a question")]
    [InlineData("""{"chosen":[{"role":"user","content":"a"},{"role":"assistant","content":"Hi!"}],"rejected":[{"role":"user","content":"b"},{"role":"assistant","content":"Go."}]}""", "different conversations")]
    public void Load_PreferencesWithoutAPreference_AreFaults(string record, string fault) =>
        FluentActions.Invoking(() => Load(record, s_options)).Should().Throw<TrainingDataException>().WithMessage($"*line 1: *{fault}*");

    [Fact]
    public void Load_AlpacaWithItsOwnPrompt_HasThePreambleOfInputs()
    {
        TrainingDataset dataset = Load("""{"instruction":"Say it.","input":"x","output":"Hi!"}""", s_options with { PromptFormat = PromptFormat.Alpaca });

        s_tokenizer.Decode(dataset.Samples[0].Tokens.Span).Should().Be(
            "Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request.\n\n"
            + "### Instruction:\nSay it.\n\n### Input:\nx\n\n### Response:Hi!");
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Load_BadRecord_IsAnErrorThatNamesTheLineOrASkipThatIsCounted(string record, string fault)
    {
        string text = $"{Chat}\n\n{record}\n{Chat}\n";

        TrainingDataException exception = FluentActions.Invoking(() => Load(text, s_options)).Should().Throw<TrainingDataException>().Which;
        exception.LineNumber.Should().Be(3);
        exception.Message.Should().Contain("line 3: ").And.Contain(fault);

        TrainingDataset dataset = Load(text, s_options with { InvalidRecords = InvalidRecordPolicy.Skip });
        dataset.Samples.Should().HaveCount(2);
        (dataset.Report!.RecordCount, dataset.Report!.InvalidCount, dataset.Report!.TooLongCount).Should().Be((3, 1, 0));
        dataset.Report!.Skipped.Should().ContainSingle().Which.Should().Be(new SkippedRecord(3, exception.Reason));
    }

    [Fact]
    public void Load_BrokenJsonFarDown_NamesTheLine()
    {
        string path = _folder.File("far.jsonl");
        using (var writer = new StreamWriter(path))
        {
            for (int i = 1; i < 70_000; i++)
                writer.WriteLine(Chat);
            writer.WriteLine("""{"messages":[}""");
        }

        FluentActions.Invoking(() => TrainingDataset.Load(path, s_tokenizer, s_options)).Should().Throw<TrainingDataException>().WithMessage("*line 70,000: not JSON*");
    }

    [Fact]
    public void Load_LineAboveTheLimit_TakesNoMemoryForIt()
    {
        string path = _folder.File("long.jsonl");
        using (var writer = new StreamWriter(path))
        {
            writer.WriteLine(Chat);
            string part = new('x', 1 << 20);
            for (int i = 0; i < 200; i++)
                writer.Write(part);
            writer.WriteLine();
            writer.WriteLine(Chat);
        }

        DatasetOptions options = s_options with { MaxRecordByteSize = 1 << 20 };
        FluentActions.Invoking(() => TrainingDataset.Load(path, s_tokenizer, options)).Should().Throw<TrainingDataException>().WithMessage("*line 2: the line has more than 1,048,576 bytes*");
        long before = GC.GetAllocatedBytesForCurrentThread();
        TrainingDataset dataset = TrainingDataset.Load(path, s_tokenizer, options with { InvalidRecords = InvalidRecordPolicy.Skip });
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(16 << 20);
        dataset.Samples.Should().HaveCount(2);
        dataset.Report!.InvalidCount.Should().Be(1);
    }

    [Fact]
    [Trait("Cost", "Large")]
    public void Load_LineOfTwoGigabytes_TakesNoMemoryForIt()
    {
        string path = _folder.File("huge.jsonl");
        using (var stream = new FileStream(path, FileMode.CreateNew))
        {
            stream.Write(Encoding.UTF8.GetBytes(Chat + "\n"));
            // A sparse file: the hole takes no space on the disk and is read as NUL characters.
            stream.SetLength(stream.Length + 2_200_000_000);
            stream.Position = stream.Length;
            stream.Write(Encoding.UTF8.GetBytes("\n" + Chat + "\n"));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        TrainingDataset dataset = TrainingDataset.Load(path, s_tokenizer, s_options with { InvalidRecords = InvalidRecordPolicy.Skip });

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(80 << 20, "lines of 16 MiB are allowed, and a buffer grows by doubling");
        dataset.Samples.Should().HaveCount(2);
        dataset.Report!.Skipped.Should().ContainSingle().Which.Should().Match<SkippedRecord>(skipped => skipped.LineNumber == 2 && skipped.Reason.Contains("more than 16,777,216 bytes"));
    }

    [Theory]
    [InlineData("[{\"messages\":[]", "does not end")]
    [InlineData("[" + Chat, "the array does not end")]
    [InlineData("[" + Chat + " " + Chat + "]", "with a comma between them")]
    [InlineData("[" + Chat + ",]", "must be objects")]
    [InlineData("[1]", "must be objects")]
    [InlineData("[" + Chat + "] x", "text after the array's end")]
    public void Load_BrokenArray_IsAnErrorEvenWhereFaultsAreSkipped(string text, string fault) =>
        FluentActions.Invoking(() => Load(text, s_options with { InvalidRecords = InvalidRecordPolicy.Skip, Format = DatasetFormat.Chat }))
            .Should().Throw<TrainingDataException>().WithMessage($"*{fault}*");

    [Fact]
    public void Load_FaultInsideAnArraysObject_HasItsLine()
    {
        string text = $"[\n{Chat},\n{{\"messages\":\n  [oops]\n}},\n{Chat}]";

        FluentActions.Invoking(() => Load(text, s_options)).Should().Throw<TrainingDataException>().Which.LineNumber.Should().Be(3);
        Load(text, s_options with { InvalidRecords = InvalidRecordPolicy.Skip }).Samples.Should().HaveCount(2);
    }

    [Fact]
    public void Load_LongSample_IsTreatedAsThePolicySays()
    {
        string longRecord = Chat.Replace("Hi!", string.Concat(Enumerable.Repeat("Hi there! ", 40)), StringComparison.Ordinal);
        string text = $"{Chat}\n{longRecord}\n";
        DatasetOptions options = s_options with { MaxLength = 40 };

        TrainingDataset skipping = Load(text, options), truncating = Load(text, options with { LongSamples = LongSamplePolicy.Truncate });

        skipping.Samples.Should().ContainSingle();
        skipping.Report!.Skipped.Should().ContainSingle().Which.Reason.Should().Contain("40 are allowed");
        skipping.Report!.TooLongCount.Should().Be(1);
        truncating.Samples.Should().HaveCount(2);
        truncating.Samples[1].Tokens.Length.Should().Be(40);
        FluentActions.Invoking(() => Load(text, options with { LongSamples = LongSamplePolicy.Fail })).Should().Throw<TrainingDataException>().WithMessage("*line 2: it has*");
    }

    [Fact]
    public void Load_Text_PredictsEveryTokenOfEachDocumentOnce()
    {
        string[] documents = ["Once upon a time there was a llama. It lived in the high mountains and ate grass.", "A short one."];

        TrainingDataset dataset = Load(string.Join('\0', documents) + "\0\n", new DatasetOptions { MaxLength = 10 });

        dataset.Report!.Format.Should().Be(DatasetFormat.Text);
        dataset.Report!.RecordCount.Should().Be(2);
        int[] learned = [.. dataset.Samples.SelectMany(sample => sample.Tokens.ToArray().Where((_, i) => sample.LossMask.Span[i]))];
        learned.Should().Equal(documents.SelectMany(text => s_tokenizer.Encode(text, addBeginOfSequence: false, addEndOfSequence: true)));
        dataset.Report!.TargetTokenCount.Should().Be(learned.Length);
        dataset.Samples.Should().AllSatisfy(sample => (sample.Tokens.Length <= 10 && !sample.LossMask.Span[0]).Should().BeTrue());
    }

    [Fact]
    public void Load_AnyFile_HasItsFingerprint()
    {
        string path = Write($"[{Chat}]\n\n");

        TrainingDataset.Load(path, s_tokenizer, s_options).Report!.Fingerprint.Should().Be(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))));
    }

    [Theory]
    [InlineData("", "nothing is left")]
    [InlineData("\0\n\0", "nothing is left")]
    [InlineData("""{"a":1}""", "does not have the fields of any known format")]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"conversations":[{"from":"human","value":"c"}]}""", "'conversations' is not used, and would change what is learned")]
    public void Load_NothingToLearn_IsAnError(string text, string fault) =>
        FluentActions.Invoking(() => Load(text, s_options)).Should().Throw<TrainingDataException>().WithMessage($"*{fault}*");

    [Fact]
    public void Load_ConversationsWithoutAPromptFormat_SayWhatIsMissing() =>
        FluentActions.Invoking(() => Load(Chat, new DatasetOptions())).Should().Throw<TrainingDataException>().WithMessage("*PromptFormat*");

    [Fact]
    public void Load_TemplateThatAsksWithOtherTextThanItWrites_IsAnErrorThatNamesBoth()
    {
        PromptFormat format = PromptFormat.ForTemplate("{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}<assistant><think>{% endif %}");

        FluentActions.Invoking(() => Load(Chat, new DatasetOptions { PromptFormat = format })).Should().Throw<TrainingDataException>()
            .WithMessage("*line 1: *Message 1 *'*<assistant><think>'*'*<assistant>'*presets*").Which.LineNumber.Should().Be(1);
    }

    // The prompt for the second answer contains a text that the conversation lacks.
    [Fact]
    public void Load_TemplateThatAsksOtherwiseBehindTheMaximumLength_IsNoError()
    {
        const string Record = """{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"},{"role":"assistant","content":"d"}]}""";
        PromptFormat format = PromptFormat.ForTemplate("{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}<assistant>{% if messages|length > 2 %}<think>{% endif %}{% endif %}");
        int firstAnswersLength = s_tokenizer.EncodeWithControlTokens("<s><user>a</s><assistant>b</s>").Length;

        Load(Record, new DatasetOptions { PromptFormat = format, LongSamples = LongSamplePolicy.Truncate, MaxLength = firstAnswersLength }).Samples.Should().ContainSingle();

        FluentActions.Invoking(() => Load(Record, new DatasetOptions { PromptFormat = format })).Should().Throw<TrainingDataException>()
            .WithMessage("*Message 3 *");
    }

    [Fact]
    public void Load_MoreTokensThanAllowed_IsAnError() =>
        FluentActions.Invoking(() => Load(Chat, s_options with { MaxTokenCount = 3 })).Should().Throw<TrainingDataException>().WithMessage("*more than 3 tokens*");

    [Fact]
    public void Load_TextThatIsNotUtf8_IsAnErrorThatNamesTheDocumentsLine()
    {
        string path = _folder.File("bad.txt");
        File.WriteAllBytes(path, [.. "a\nb\n\0"u8, 0xFF]);

        FluentActions.Invoking(() => TrainingDataset.Load(path, s_tokenizer)).Should().Throw<TrainingDataException>().WithMessage("*line 3: *not UTF-8*");
    }

    [Fact]
    public void Split_SameSeed_GivesTheSamePartsOfAll()
    {
        TrainingDataset dataset = Load(string.Join('\n', Enumerable.Range(0, 50).Select(i => Chat.Replace("Hello", $"Hello {i}", StringComparison.Ordinal))), s_options);

        (TrainingDataset training, TrainingDataset validation) = dataset.Split(0.2, seed: 7);

        validation.Samples.Should().HaveCount(10);
        training.Samples.Concat(validation.Samples).Should().BeEquivalentTo(dataset.Samples);
        dataset.Split(0.2, seed: 7).Validation.Samples.Should().Equal(validation.Samples);
        dataset.Split(0.2, seed: 8).Validation.Samples.Should().NotEqual(validation.Samples);
        dataset.Split(0.001, seed: 1).Validation.Samples.Should().ContainSingle();
        dataset.Invoking(it => it.Split(1, 1)).Should().Throw<ArgumentOutOfRangeException>();
        Load(Chat, s_options).Invoking(it => it.Split(0.5, 1)).Should().Throw<InvalidOperationException>();
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string text)
    {
        string path = _folder.File("data");
        File.WriteAllText(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return path;
    }

    private TrainingDataset Load(string text, DatasetOptions options) => TrainingDataset.Load(Write(text), s_tokenizer, options);
}
