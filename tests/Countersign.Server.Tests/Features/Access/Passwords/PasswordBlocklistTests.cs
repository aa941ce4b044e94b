using System.Globalization;
using System.Text;
using Countersign.Server.Features.Access.Passwords;

namespace Countersign.Server.Tests.Features.Access.Passwords;

public sealed class PasswordBlocklistTests : IDisposable
{
    private static readonly PasswordBlocklist BuiltIn = PasswordBlocklist.Load(null);

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void The_built_in_list_is_complete() => Assert.Equal(38_637, BuiltIn.Count);

    [Theory]
    [InlineData("password")]
    [InlineData("PassWord1")]
    [InlineData("123456789")]
    [InlineData("qwertyuiop")]
    [InlineData("ｐａｓｓｗｏｒｄ")]
    public void Common_passwords_are_refused_in_any_case_and_width(string password) =>
        Assert.True(BuiltIn.Contains(password, "alice", "Countersign"));

    [Theory]
    [InlineData("password or so they say")]
    [InlineData("my password")]
    [InlineData("correct horse battery staple")]
    public void A_password_is_compared_as_a_whole(string password) =>
        Assert.False(BuiltIn.Contains(password, "alice", "Countersign"));

    [Theory]
    [InlineData("marguerite")]
    [InlineData("Marguerite2024")]
    [InlineData("marguerite20240131")]
    [InlineData("!!marguerite!")]
    [InlineData("etireugram")]
    [InlineData("Etireugram99")]
    [InlineData("countersign")]
    [InlineData("Countersign#1")]
    [InlineData("ngisretnuoc")]
    public void Names_are_refused_bare_decorated_and_reversed(string password) =>
        Assert.True(BuiltIn.Contains(password, "marguerite", "Countersign"));

    [Theory]
    [InlineData("marguerite and the cat")]
    [InlineData("xmarguerite")]
    [InlineData("marguerite202401311")]
    public void A_name_with_more_around_it_is_let_through(string password) =>
        Assert.False(BuiltIn.Contains(password, "marguerite", "Countersign"));

    [Fact]
    public void A_composed_name_and_a_decomposed_one_are_the_same() =>
        Assert.True(BuiltIn.Contains("rene\u0301e2024", "REN\u00C9E", "Countersign"));

    [Fact]
    public void An_empty_name_refuses_nothing() => Assert.False(BuiltIn.Contains("83749165", "", ""));

    [Fact]
    public void Text_that_is_not_Unicode_is_looked_at_without_failing() =>
        Assert.False(BuiltIn.Contains("\uD800\uFFFE\uDC00 abcdefg", "\uD800", "Countersign"));

    [Fact]
    public void A_file_takes_the_place_of_the_list()
    {
        File.WriteAllText(_file, "Broker's Dozen\r\n\r\ncafe\u0301 society\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        var list = PasswordBlocklist.Load(_file);

        Assert.Equal(2, list.Count);
        Assert.True(list.Contains("broker's dozen", "alice", "Countersign"));
        Assert.True(list.Contains("CAF\u00C9 SOCIETY", "alice", "Countersign"));
        Assert.False(list.Contains("password", "alice", "Countersign"));
    }

    [Fact]
    public void A_file_that_is_not_there_stops_the_start() =>
        Refused(Path.Combine(Path.GetTempPath(), "no", "such", "file"), "cannot be used");

    [Fact]
    public void An_empty_file_stops_the_start() => Refused(_file, "no passwords");

    [Fact]
    public void A_file_in_another_encoding_stops_the_start()
    {
        File.WriteAllBytes(_file, [.. "caf"u8, 0xE9, (byte)'\n']);

        Refused(_file, "cannot be used");
    }

    [Fact]
    public void A_file_of_too_many_bytes_stops_the_start()
    {
        using (var file = File.OpenWrite(_file))
        {
            file.SetLength(PasswordBlocklist.MaxBytes + 1);
        }

        Refused(_file, "32 MiB");
    }

    [Fact]
    public void A_file_of_too_many_lines_stops_the_start()
    {
        File.WriteAllText(_file, new string('\n', PasswordBlocklist.MaxLines + 1));

        Refused(_file, PasswordBlocklist.MaxLines.ToString(CultureInfo.InvariantCulture));
    }

    private static void Refused(string file, string reason)
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => PasswordBlocklist.Load(file));

        Assert.StartsWith("Passwords:BlocklistFile: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }
}
