using System.Text;
using Llama2.Evaluation.Tests.Data.Forms;
using Llama2.Fuzz;

namespace Llama2.Evaluation.Tests.Data;

/// <summary>Damaged files of every format and form are read, or refused with an <see cref="EvaluationDataException"/>; there is no other exception.</summary>
public sealed class DamagedDataTests : IDisposable
{
    private const int AttemptCount = 60;
    private const long MaxAllocatedByteSize = 64 << 20;

    // Pieces that have a meaning in the formats and forms, because changed bytes alone would seldom produce them.
    private static readonly string[] s_words =
    [
        "\"", "\"\"", "\n", "\r\n", ",", "\t", "[", "]", "{", "}", ":", "null", "true", "0", "-1", "1e999", "99999999999999999999", "\\ud800", "\\u0000", "\uFEFF", "{}", "[]", "\"\":",
        "\"rows\":[{\"row\":{}}]", " = T = \n", "'", ";", new string('[', 100), "{\"a\":", "A", "E",
    ];

    private readonly FormFolder _folder = new();

    public static TheoryData<string, string?, string, string, string> Forms => new()
    {
        { "cais/mmlu", "a", "test", "mmlu/test/a_test.csv", "question,choice0,choice1,choice2,choice3,answer\nQ,a,\"b, c\",c,d,2\n" },
        { "cais/mmlu", "a", "test", "mmlu/all/test.jsonl", """{"question":"Q","subject":"a","choices":["1","2"],"answer":0}""" },
        { "openai/gsm8k", "main", "test", "gsm8k/test.jsonl", """{"question":"Q","answer":"#### 1"}""" },
        { "mbpp", null, "test", "mbpp/mbpp.jsonl", """{"text":"t","code":"c","task_id":11,"test_list":["a"]}""" },
        { "truthful_qa", "multiple_choice", "validation", "truthful_qa/mc_task.json", """[{"question":"Q","mc1_targets":{"a":1,"b":0},"mc2_targets":{"a":1,"b":0}}]""" },
        { "truthful_qa", "multiple_choice", "validation", "truthful_qa/TruthfulQA.csv", "Type,Category,Question,Best Answer,Correct Answers,Incorrect Answers,Source\nt,c,Q,Best,\"Best; Good\",Bad; Worse,s\n" },
        { "allenai/ai2_arc", "ARC-Easy", "test", "arc/ARC-Easy-Test.jsonl", """{"id":"1","question":{"stem":"Q","choices":[{"text":"a","label":"A"}]},"answerKey":"A"}""" },
        { "Rowan/hellaswag", null, "validation", "hellaswag/hellaswag_val.jsonl", """{"ind":4,"activity_label":"R","ctx_a":"A.","ctx_b":"he","ctx":"A. he","split":"val","split_type":"i","label":3,"endings":["a","b"],"source_id":"s"}""" },
        { "allenai/winogrande", "winogrande_xl", "validation", "winogrande/dev.jsonl", """{"sentence":"a _ b","option1":"x","option2":"y","answer":"2"}""" },
        { "baber/piqa", null, "validation", "piqa/valid-labels.lst", "1\n" },
        { "aps/super_glue", "boolq", "validation", "boolq/dev.jsonl", """{"question":"q","title":"t","answer":true,"passage":"p"}""" },
        { "trivia_qa", "unfiltered.nocontext", "validation", "triviaqa/unfiltered-web-dev.json", """{"Data":[{"Answer":{"Aliases":["A"],"NormalizedAliases":["a"],"Type":"t","Value":"A"},"Question":"Q","QuestionId":"w","QuestionSource":"s"}],"Version":1.0}""" },
        { "rajpurkar/squad", null, "validation", "squad/dev-v1.1.json", """{"data":[{"title":"T","paragraphs":[{"context":"C","qas":[{"id":"1","question":"Q","answers":[{"text":"a","answer_start":0}]}]}]}]}""" },
        { "EleutherAI/wikitext_document_level", "wikitext-2-raw-v1", "test", "wikitext/wiki.test.raw", " \n = A = \n \n text \n = = S = = \n more \n = B = \n x \n" },
        { "crows_pairs", null, "test", "crows_pairs/crows_pairs_anonymized.csv", ",sent_more,sent_less,stereo_antistereo,bias_type\n0,\"More, or less.\",Less.,stereo,age\n" },
        { "wino_bias", "type1_pro", "test", "winobias/pro_stereotyped_type1.txt.test", "1 [The teacher]'s class thanked the baker, because [she] taught [her] class.\n" },
        { "bold", null, "train", "bold/gender_prompt.json", """{"Actors":{"A_B":["A B is ","B was "],"C":["C "]}}""" },
        { "skg/toxigen-data", "annotated", "test", "toxigen/annotated_test.csv", "text,target_group,toxicity_ai,toxicity_human,intent\n\"a, b\",g,1.0,4.667,2\n" },
        { "Paul/XSTest", null, "train", "xstest/prompts.csv", "id,type,prompt\n1,contrast_homonyms,p\n" },
    };

    public static TheoryData<string, string> Formats => new()
    {
        { "a.jsonl", "{\"a\":[1,{\"b\":null}]}\n{\"a\":\"é\\n\"}\n" },
        { "a.json", """[{"a":1},{"b":[{"c":"d"}]}]""" },
        { "a.json", """{"a":[1,2],"b":["x","y"]}""" },
        { "a.json", """{"features":[{"name":"a"}],"rows":[{"row_idx":0,"row":{"a":[1]}}]}""" },
        { "a.csv", "a,\"b c\",d\r\n1,\"2,\n3\",\"\"\"4\"\"\"\r\n\r\n5,,6\n" },
        { "a.tsv", "a\tb\n1\t\"2\t3\"\n" },
        { "a.txt", "one\ntwo\r\n\nthree" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public void Read_DamagedFile_IsReadOrRefused(string name, string content) =>
        Attack(content, damaged =>
        {
            string path = Path.Combine(_folder.Path, name);
            File.WriteAllBytes(path, damaged);
            _ = DataFile.Read(path).Sum(row => row.GetRawText().Length);
        });

    [Theory]
    [MemberData(nameof(Forms))]
    public void Read_DamagedFileOfAForm_IsReadOrRefused(string dataset, string? configuration, string split, string file, string content)
    {
        _folder.Write("piqa/valid.jsonl", """{"goal":"g","sol1":"a","sol2":"b"}""");
        _folder.Write(file, content);
        _folder.Rows(dataset, configuration, split).Should().NotBeEmpty();

        Attack(content, damaged =>
        {
            File.WriteAllBytes(Path.Combine(_folder.Path, file), damaged);
            _folder.Rows(dataset, configuration, split);
        });
    }

    private static void Attack(string content, Action<byte[]> read)
    {
        byte[][] inputs = [Encoding.UTF8.GetBytes(content)];
        var mutator = new Mutator(seed: 1, s_words);
        for (int attempt = 0; attempt < AttemptCount; attempt++)
        {
            byte[] damaged = mutator.Mutate(inputs, seedCount: 1);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(damaged);
            }
            catch (EvaluationDataException)
            {
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{exception.GetType().Name} for {Convert.ToHexString(damaged)}: {Encoding.UTF8.GetString(damaged)}", exception);
            }

            (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(MaxAllocatedByteSize);
        }
    }
}
