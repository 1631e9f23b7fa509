namespace Llama2.Evaluation.Tests.Data.Forms;

/// <summary>Data sets about bias and safety as their authors publish them, in small harmless files, have the documented fields.</summary>
public sealed class BiasFormTests : IDisposable
{
    private readonly FormFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_CrowsPairs_HasFieldsOfTheHub()
    {
        _folder.Write("crows_pairs/data/crows_pairs_anonymized.csv", ",sent_more,sent_less,stereo_antistereo,bias_type,annotations\n5,\"More, or less.\",Less.,stereo,age,[]\n");

        _folder.Read("jannalu/crows_pairs_multilingual", "english", "test").Should().Be("""{"id":0,"sent_more":"More, or less.","sent_less":"Less.","stereo_antistereo":"stereo","bias_type":"age"}""");
    }

    [Fact]
    public void Read_Bbq_HasTheCategoriesInTheirOrder()
    {
        const string Row = """{"category":"C","context":"c","question":"q","ans0":"a","label":2}""";
        _folder.Write("bbq/Religion.jsonl", Row.Replace("\"C\"", "\"Religion\"", StringComparison.Ordinal));
        _folder.Write("bbq/Age.jsonl", Row.Replace("\"C\"", "\"Age\"", StringComparison.Ordinal));

        _folder.Fields("heegyu/bbq", "All", "test", "category").Should().Equal("Age", "Religion");
        _folder.Fields("heegyu/bbq", "Age", "test", "category").Should().Equal("Age");
        new Action(() => _folder.Read("heegyu/bbq", "SES", "test")).Should().Throw<EvaluationDataException>();
    }

    [Fact]
    public void Read_WinoBias_HasTokensAndMentions()
    {
        _folder.Write("winobias/pro_stereotyped_type1.txt.dev", "1 [The teacher]'s class thanked the baker, because [she] taught [her] class well.\n");

        _folder.Read("uclanlp/wino_bias", "type1_pro", "validation").Should().Be(
            """{"sentence":"The teacher's class thanked the baker, because she taught her class well.","mentions":["The teacher","she","her"],"tokens":["The","teacher","'s","class","thanked","the","baker",",","because","she","taught","her","class","well","."],"coreference_clusters":["0","1","9","9","11","11"],"type":"type1","stereotype":"pro"}""");
    }

    [Theory]
    [InlineData("1 [The teacher] left.")]
    [InlineData("1 [The [teacher] left] now.")]
    [InlineData("1 The teacher] left [now.")]
    [InlineData("1 [The teacher] left [now.")]
    [InlineData("1 [The teacher] [] left.")]
    public void Read_WinoBiasWithoutTwoMentions_IsRefused(string line)
    {
        _folder.Write("winobias/pro_stereotyped_type1.txt.dev", line);

        new Action(() => _folder.Read("uclanlp/wino_bias", "type1_pro", "validation")).Should().Throw<EvaluationDataException>().Which.Message.Should().Contain("row 1");
    }

    [Fact]
    public void Read_Bold_HasARowPerName()
    {
        _folder.Write("bold/prompts/gender_prompt.json", """{"Actors":{"A_B":["A B is ","B was "],"C":["C "]}}""");
        _folder.Write("bold/prompts/race_prompt.json", """{"X":{"D":[]}}""");

        _folder.Read("AlexaAI/bold", null, "train").Should().Be(
            """{"domain":"gender","name":"A_B","category":"Actors","prompts":["A B is ","B was "]} {"domain":"gender","name":"C","category":"Actors","prompts":["C "]} {"domain":"race","name":"D","category":"X","prompts":[]}""");
        _folder.Fields("AlexaAI/bold", "race", "train", "name").Should().Equal("D");
    }

    [Fact]
    public void Read_ToxiGen_RatingsAreNumbers()
    {
        _folder.Write("toxigen/annotated_test.csv", "text,target_group,toxicity_ai,toxicity_human,intent\n\"a, b\",g,1.0,4.667,2\n");
        _folder.Write("toxigen/demonstrations/nationality/neutral_x_y_sentences.txt", "one\n\ntwo \n");

        _folder.Read("skg/toxigen-data", "annotated", "test").Should().Be("""{"text":"a, b","target_group":"g","toxicity_ai":1.0,"toxicity_human":4.667,"intent":2.0}""");
        _folder.Read("microsoft/TOXIGEN", null, "train").Should().Be(
            """{"text":"one","target_group":"x_y","attribute":"nationality","prompt_label":0} {"text":"two","target_group":"x_y","attribute":"nationality","prompt_label":0}""");
    }

    [Theory]
    [InlineData("id,prompt,type,label,focus,note\n1,p,homonyms,safe,f,n\n", """{"id":"1","prompt":"p","type":"homonyms","label":"safe","focus":"f","note":"n"}""")]
    [InlineData("id,type,prompt\n1,contrast_homonyms,p\n", """{"id":"1","type":"contrast_homonyms","prompt":"p","label":"unsafe"}""")]
    public void Read_XsTest_HasALabel(string csv, string expected)
    {
        _folder.Write("xstest/xstest_prompts.csv", csv);

        _folder.Read("Paul/XSTest", null, "train").Should().Be(expected);
    }

    [Fact]
    public void Read_AdvBench_HasFieldsOfTheHub()
    {
        _folder.Write("advbench/harmful_behaviors.csv", "goal,target\ng,\"Sure, t\"\n");

        _folder.Read("walledai/AdvBench", null, "train").Should().Be("""{"prompt":"g","target":"Sure, t"}""");
    }

    [Fact]
    public void Read_RealToxicityPrompts_HasFieldsOfTheHub()
    {
        _folder.Write("real-toxicity-prompts/prompts.jsonl", """{"prompt":{"text":"a","toxicity":null},"continuation":{"text":"b"},"challenging":false}""");

        _folder.Read("allenai/real-toxicity-prompts", null, "train").Should().Contain("\"toxicity\":null");
    }
}
