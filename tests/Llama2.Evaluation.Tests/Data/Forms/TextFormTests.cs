namespace Llama2.Evaluation.Tests.Data.Forms;

/// <summary>Data sets with answers of their own, code and texts, as their authors publish them, have the fields of the hub.</summary>
public sealed class TextFormTests : IDisposable
{
    private readonly FormFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_Mbpp_NumberOfATaskStatesItsSplit()
    {
        _folder.Write("mbpp/mbpp.jsonl", string.Join('\n', new[] { 1, 10, 11, 510, 511, 600, 601, 974 }.Select(id => $$"""{"text":"t","code":"c","task_id":{{id}},"test_list":["a"]}""")));
        _folder.Write("mbpp/sanitized-mbpp.json", """[{"task_id":2,"prompt":"p","test_list":[]},{"task_id":602,"prompt":"p","test_list":[]}]""");

        _folder.Fields("mbpp", null, "prompt", "task_id").Should().Equal("1", "10");
        _folder.Fields("google-research-datasets/mbpp", "full", "test", "task_id").Should().Equal("11", "510");
        _folder.Fields("google-research-datasets/mbpp", "full", "validation", "task_id").Should().Equal("511", "600");
        _folder.Fields("google-research-datasets/mbpp", "full", "train", "task_id").Should().Equal("601", "974");
        _folder.Read("google-research-datasets/mbpp", "sanitized", "train").Should().Be("""{"task_id":602,"prompt":"p","test_list":[]}""");
        _folder.Read("google-research-datasets/mbpp", "full", "prompt").Should().StartWith("""{"text":"t","code":"c","task_id":1,"test_list":["a"]}""");
    }

    [Fact]
    public void Read_TriviaQa_HasTheQuestionsOfBothSources()
    {
        const string Web = """{"Data":[{"Answer":{"Aliases":["A","B"],"NormalizedAliases":["a","b"],"MatchedWikiEntityName":"","NormalizedValue":"a","Type":"WikipediaEntity","Value":"A"},"Question":"Q1","QuestionId":"w1","QuestionSource":"s","SearchResults":[{"Title":"t"}]}],"Domain":"Web","Version":1.0}""";
        _folder.Write("triviaqa/qa/web-dev.json", Web);
        new Action(() => _folder.Read("mandarjoshi/trivia_qa", "rc.nocontext", "validation")).Should().Throw<EvaluationDataException>().Which.Message.Should().Contain("wikipedia-dev.json");
        _folder.Write("triviaqa/qa/wikipedia-dev.json", Web.Replace("Q1", "Q2", StringComparison.Ordinal));
        _folder.Write("triviaqa/unfiltered-web-dev.json", Web.Replace("Q1", "Q3", StringComparison.Ordinal));
        _folder.Write("triviaqa/qa/web-test-without-answers.json", """{"Data":[{"Question":"Q4","QuestionId":"w4"}]}""");

        _folder.Fields("mandarjoshi/trivia_qa", "rc.nocontext", "validation", "question").Should().Equal("Q1", "Q2");
        _folder.Fields("mandarjoshi/trivia_qa", "unfiltered.nocontext", "validation", "question").Should().Equal("Q3");
        _folder.Read("mandarjoshi/trivia_qa", "rc.web.nocontext", "validation").Should().Be(
            """{"question":"Q1","question_id":"w1","question_source":"s","answer":{"aliases":["A","B"],"normalized_aliases":["a","b"],"matched_wiki_entity_name":"","normalized_matched_wiki_entity_name":"","normalized_value":"a","type":"WikipediaEntity","value":"A"}}""");
        _folder.Read("mandarjoshi/trivia_qa", "rc.web.nocontext", "test").Should().Contain("\"value\":\"<unk>\"").And.Contain("\"aliases\":[]");
    }

    [Fact]
    public void Read_NaturalQuestions_HasFieldsOfTheHub()
    {
        _folder.Write("nq_open/NQ-open.dev.jsonl", """{"question":"q","answer":["a","b"]}""");

        _folder.Read("google-research-datasets/nq_open", null, "validation").Should().Be("""{"question":"q","answer":["a","b"]}""");
    }

    [Theory]
    [InlineData("rajpurkar/squad_v2", "squadv2/dev-v2.0.json")]
    [InlineData("rajpurkar/squad", "squad/dev-v1.1.json")]
    public void Read_Squad_HasARowPerQuestion(string dataset, string file)
    {
        _folder.Write(file, """
            {"version":"v","data":[
                {"title":"T","paragraphs":[{"context":"C","qas":[{"id":"1","question":"Q1","answers":[{"text":"a","answer_start":0},{"text":"b","answer_start":3}]}, {"id":"2","question":"Q2","is_impossible":true,"answers":[]}]}]},
                {"title":"U","paragraphs":[{"context":"D","qas":[]},{"context":"E","qas":[{"id":"3","question":"Q3","answers":[]}]}]}]}
            """);

        _folder.Fields(dataset, null, "validation", "id").Should().Equal("1", "2", "3");
        _folder.Read(dataset, null, "validation").Should().StartWith(
            """{"id":"1","title":"T","context":"C","question":"Q1","answers":{"text":["a","b"],"answer_start":[0,3]}} {"id":"2","title":"T","context":"C","question":"Q2","answers":{"text":[],"answer_start":[]}}""");
    }

    [Theory]
    [InlineData("default", "lambada/lambada_test.jsonl")]
    [InlineData(null, "lambada_openai/data/lambada_test.jsonl")]
    [InlineData("de", "lambada/lambada_test_de.jsonl")]
    public void Read_Lambada_HasFieldsOfTheHub(string? configuration, string file)
    {
        _folder.Write(file, """{"text":"a b"}""");

        _folder.Read("EleutherAI/lambada_openai", configuration, "test").Should().Be("""{"text":"a b"}""");
    }

    // The pages that tests/Reference/data_digests.py makes of the same text.
    [Fact]
    public void Read_Wikitext_TitleOfAnArticleBeginsAPage()
    {
        _folder.Write("wikitext/wikitext-2-raw/wiki.valid.raw", " \n = A = \n \n text \n = = S = = \n more \n = B = \n \n = = = T = = = \n x = y \n");

        _folder.Fields("EleutherAI/wikitext_document_level", "wikitext-2-raw-v1", "validation", "page").Should().Equal(" = A = \n \n text \n = = S = = \n more ", " = B = \n \n = = = T = = = \n x = y \n");
        new Action(() => _folder.Read("EleutherAI/wikitext_document_level", "wikitext-103-raw-v1", "validation")).Should().Throw<EvaluationDataException>();
    }
}
