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

    [Theory]
    [InlineData("arc/ARC-Easy/ARC-Easy-Test.jsonl")]
    [InlineData("ai2_arc/ARC-V1-Feb2018-2/ARC-Easy/ARC-Easy-Test.jsonl")]
    [InlineData("arc/ARC-Easy-Test.jsonl")]
    public void Read_Arc_HasFieldsOfTheHub(string file)
    {
        _folder.Write(file, """{"id":"1","question":{"stem":"Q","choices":[{"text":"a","label":"A"},{"text":"b","label":"B"}]},"answerKey":"B"}""");

        _folder.Read("allenai/ai2_arc", "ARC-Easy", "test").Should().Be("""{"id":"1","question":"Q","choices":{"text":["a","b"],"label":["A","B"]},"answerKey":"B"}""");
        new Action(() => _folder.Read("allenai/ai2_arc", "ARC-Challenge", "test")).Should().Throw<EvaluationDataException>();
    }

    [Fact]
    public void Read_OpenBookQa_HasFieldsOfTheHub()
    {
        const string Question = "\"question\":{\"stem\":\"Q\",\"choices\":[{\"text\":\"a\",\"label\":\"A\"}]},\"answerKey\":\"A\"}";
        _folder.Write("openbookqa/Data/Main/test.jsonl", "{\"id\":\"1\"," + Question);
        _folder.Write("openbookqa/Data/Additional/test_complete.jsonl", "{\"id\":\"1\",\"fact1\":\"F\"," + Question);

        _folder.Read("allenai/openbookqa", "main", "test").Should().Be("""{"id":"1","question_stem":"Q","choices":{"text":["a"],"label":["A"]},"answerKey":"A"}""");
        _folder.Read("allenai/openbookqa", "additional", "test").Should().EndWith("""
            "answerKey":"A","fact1":"F"}
            """);
    }

    [Fact]
    public void Read_CommonsenseQa_HasFieldsOfTheHub()
    {
        _folder.Write("commonsense_qa/dev_rand_split.jsonl", """{"answerKey":"A","id":"1","question":{"question_concept":"c","choices":[{"label":"A","text":"a"}],"stem":"Q"}}""");
        _folder.Write("commonsense_qa/test_rand_split_no_answers.jsonl", """{"id":"2","question":{"question_concept":"c","choices":[{"label":"A","text":"a"}],"stem":"Q"}}""");

        _folder.Read("tau/commonsense_qa", null, "validation").Should().Be("""{"id":"1","question":"Q","question_concept":"c","choices":{"text":["a"],"label":["A"]},"answerKey":"A"}""");
        _folder.Fields("tau/commonsense_qa", null, "test", "answerKey").Should().Equal("");
    }

    [Fact]
    public void Read_HellaSwag_HasFieldsOfTheHub()
    {
        const string Row = """{"ind":24,"activity_label":"Roof","ctx_a":"A man.","ctx_b":"he","ctx":"A man. he","split":"val","split_type":"indomain",LABEL"endings":["a","b"],"source_id":"s"}""";
        _folder.Write("hellaswag/hellaswag_val.jsonl", Row.Replace("LABEL", "\"label\":3,", StringComparison.Ordinal));
        _folder.Write("hellaswag/hellaswag_test.jsonl", Row.Replace("LABEL", "", StringComparison.Ordinal));

        _folder.Read("Rowan/hellaswag", null, "validation").Should().Be(
            """{"ind":24,"activity_label":"Roof","ctx_a":"A man.","ctx_b":"he","ctx":"A man. he","endings":["a","b"],"source_id":"s","split":"val","split_type":"indomain","label":"3"}""");
        _folder.Fields("Rowan/hellaswag", null, "test", "label").Should().Equal("");
    }

    [Fact]
    public void Read_WinoGrande_HasFieldsOfTheHub()
    {
        _folder.Write("winogrande/train_xl.jsonl", """{"qID":"1","sentence":"a _ b","option1":"x","option2":"y","answer":"2"}""");
        _folder.Write("winogrande/test.jsonl", """{"qID":"1","sentence":"a _ b","option1":"x","option2":"y"}""");

        _folder.Read("allenai/winogrande", "winogrande_xl", "train").Should().Be("""{"sentence":"a _ b","option1":"x","option2":"y","answer":"2"}""");
        _folder.Read("allenai/winogrande", "winogrande_xl", "test").Should().Be("""{"sentence":"a _ b","option1":"x","option2":"y","answer":""}""");
        new Action(() => _folder.Read("allenai/winogrande", "winogrande_xs", "train")).Should().Throw<EvaluationDataException>();
    }

    [Theory]
    [InlineData("piqa/valid")]
    [InlineData("piqa/physicaliqa-train-dev/dev")]
    [InlineData("physicaliqa-train-dev/dev")]
    public void Read_Piqa_HasItsLabelsFromTheOtherFile(string file)
    {
        _folder.Write(file + ".jsonl", """
            {"id":"1","goal":"g","sol1":"a","sol2":"b"}
            {"id":"2","goal":"h","sol1":"a","sol2":"b"}
            """);
        _folder.Write(file + "-labels.lst", "1\r\n0\n\n");

        _folder.Read("baber/piqa", null, "validation").Should().Be("""{"goal":"g","sol1":"a","sol2":"b","label":1} {"goal":"h","sol1":"a","sol2":"b","label":0}""");
        _folder.Write(file + "-labels.lst", "1\n");
        new Action(() => _folder.Read("baber/piqa", null, "validation")).Should().Throw<EvaluationDataException>().Which.Message.Should().Contain("row 2, there is no label");
    }

    [Fact]
    public void Read_SocialIqa_HasItsLabelsFromTheOtherFile()
    {
        _folder.Write("siqa/dev.jsonl", """{"context":"c","question":"q","answerA":"a","answerB":"b","answerC":"d"}""");
        _folder.Write("siqa/dev-labels.lst", "3\n");

        _folder.Read("lighteval/siqa", null, "validation").Should().Be("""{"context":"c","question":"q","answerA":"a","answerB":"b","answerC":"d","label":"3"}""");
    }

    [Theory]
    [InlineData("boolq/dev.jsonl", """{"question":"q","title":"t","answer":true,"passage":"p"}""", """{"question":"q","passage":"t -- p","idx":0,"label":1}""")]
    [InlineData("super_glue/BoolQ/val.jsonl", """{"question":"q","passage":"t -- p","idx":7,"label":false}""", """{"question":"q","passage":"t -- p","idx":7,"label":0}""")]
    [InlineData("super_glue/boolq/validation.jsonl", """{"question":"q","passage":"p","idx":7,"label":0}""", """{"question":"q","passage":"p","idx":7,"label":0}""")]
    public void Read_BoolQ_HasFieldsOfTheHub(string file, string content, string expected)
    {
        _folder.Write(file, content);

        _folder.Read("aps/super_glue", "boolq", "validation").Should().Be(expected);
    }
}
