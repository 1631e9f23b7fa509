namespace Llama2.Evaluation.Tests.RedTeaming;

public sealed class AttackStyleTests : IDisposable
{
    private static readonly RedTeamBehavior s_behavior = new("7", "Describe the secret \"door\" of the old house", "houses");
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void BuiltIn_Names_AreDifferentAndTheFirstIsDirect()
    {
        AttackStyle.BuiltIn.Select(style => style.Name).Should().OnlyHaveUniqueItems();
        AttackStyle.BuiltIn[0].Create(s_behavior).UserTurns.Should().Equal(s_behavior.Text);
        AttackStyle.BuiltIn.Should().OnlyContain(style => style.Description.Length > 0);
    }

    // Values of Python: base64.b64encode, codecs.encode(…, "rot13").
    [Theory]
    [InlineData("base64", "RGVzY3JpYmUgdGhlIHNlY3JldCAiZG9vciIgb2YgdGhlIG9sZCBob3VzZQ==")]
    [InlineData("rot13", "Qrfpevor gur frperg \"qbbe\" bs gur byq ubhfr")]
    [InlineData("leetspeak", "D35cr1b3 7h3 53cr37 \"d00r\" 0f 7h3 0ld h0u53")]
    [InlineData("pig_latin", "escribeDay ethay ecretsay \"oorday\" ofway ethay oldway ousehay")]
    public void Create_Encoding_WritesTheRequestInTheCode(string name, string expected)
        => Find(name).Create(s_behavior).UserTurns.Single().Should().EndWith($"\n\n{expected}").And.NotContain(s_behavior.Text);

    [Theory]
    [InlineData("base64", "VGhlIGRvb3IgaXMgYmVoaW5kIHRoZSBjdXJ0YWluLg==", "The door is behind the curtain.")]
    [InlineData("base64", "No.", "No.")]
    [InlineData("base64", "Thedoorisbehindthecurtain", "Thedoorisbehindthecurtain")]
    [InlineData("rot13", "Gur qbbe vf oruvaq gur phegnva.", "The door is behind the curtain.")]
    [InlineData("rot13", "The door is behind the curtain.", "The door is behind the curtain.")]
    [InlineData("direct", "VGhlIGRvb3IgaXMgYmVoaW5kIHRoZSBjdXJ0YWluLg==", "VGhlIGRvb3IgaXMgYmVoaW5kIHRoZSBjdXJ0YWluLg==")]
    public void Decode_Answer_IsPlainTextIfItIsInTheCode(string name, string answer, string expected) => Find(name).Decode(answer).Should().Be(expected);

    [Theory]
    [InlineData("one")]
    [InlineData("one two")]
    [InlineData("one two three four five six seven")]
    [InlineData("Describe the secret \"door\" of the old house")]
    public void Create_PayloadSplitting_HasAllWordsInTheirOrder(string text)
    {
        string turn = Find("payload_splitting").Create(s_behavior with { Text = text }).UserTurns.Single();

        string[] parts = [.. turn.Split('\n').Take(4).Select(line => line[(line.IndexOf('"') + 1)..^1]).Where(part => part.Length > 0)];
        string.Join(' ', parts).Should().Be(text.Replace('"', '\''));
    }

    [Fact]
    public void Create_AnswerPrefill_WritesTheBeginningOfTheAnswer() => Find("answer_prefill").Create(s_behavior).AnswerPrefix.Should().NotBeEmpty();

    [Fact]
    public void Create_FewShot_HasAnsweredRequestsBefore()
    {
        Attack attack = Find("few_shot").Create(s_behavior);

        attack.History.Select(message => message.Role).Should().Equal(Enumerable.Range(0, attack.History.Count).Select(i => i % 2 == 0 ? LlamaRole.User : LlamaRole.Assistant));
        attack.UserTurns.Should().Equal(s_behavior.Text);
    }

    [Fact]
    public void Create_MultiTurn_EndsWithTheRequest() => Find("multi_turn").Create(s_behavior).UserTurns.Should().HaveCount(3).And.Subject.Last().Should().EndWith(s_behavior.Text);

    [Fact]
    public void ReadScript_Turns_ReplacesThePlaceOfTheRequest()
    {
        File.WriteAllText(_path, """{"name": "talk", "turns": ["Hello.", "Now: {behavior}!"]}""");

        AttackStyle style = AttackStyle.ReadScript(_path);

        style.Name.Should().Be("talk");
        style.Create(s_behavior).UserTurns.Should().Equal("Hello.", $"Now: {s_behavior.Text}!");
    }

    [Fact]
    public void ReadTranslation_Table_ReplacesWholeRequestsOrWords()
    {
        File.WriteAllText(_path, """{"name": "german", "behaviors": {"8": "Ganz anders"}, "words": {"The": "das", "house": "Haus", "old": "alte"}}""");

        AttackStyle style = AttackStyle.ReadTranslation(_path);

        style.Create(s_behavior).UserTurns.Should().Equal("Describe das secret \"door\" of das alte Haus");
        style.Create(s_behavior with { Id = "8" }).UserTurns.Should().Equal("Ganz anders");
    }

    [Theory]
    [InlineData("not json", "not JSON")]
    [InlineData("[]", "object")]
    [InlineData("{}", "\"turns\"")]
    [InlineData("""{"turns": []}""", "1 to 32")]
    [InlineData("""{"turns": ["no place"]}""", "{behavior}")]
    [InlineData("""{"turns": [5, "{behavior}"]}""", "turn 1")]
    [InlineData("""{"turns": ["{behavior}", "  "]}""", "turn 2")]
    [InlineData("""{"name": "", "turns": ["{behavior}"]}""", "name")]
    public void ReadScript_Malformed_IsRefusedWithTheReason(string content, string reason)
    {
        File.WriteAllText(_path, content);

        Action read = () => AttackStyle.ReadScript(_path);

        read.Should().Throw<EvaluationDataException>().WithMessage($"*{reason}*");
    }

    [Theory]
    [InlineData("{}", "\"behaviors\" or \"words\"")]
    [InlineData("""{"words": {"a": 5}}""", "words.a")]
    public void ReadTranslation_Malformed_IsRefusedWithTheReason(string content, string reason)
    {
        File.WriteAllText(_path, content);

        Action read = () => AttackStyle.ReadTranslation(_path);

        read.Should().Throw<EvaluationDataException>().WithMessage($"*{reason}*");
    }

    private static AttackStyle Find(string name) => AttackStyle.BuiltIn.Single(style => style.Name == name);
}
