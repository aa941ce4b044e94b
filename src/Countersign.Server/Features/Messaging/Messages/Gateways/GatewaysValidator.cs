using System.Text.RegularExpressions;
using Countersign.Server.Http;
using Countersign.Server.Http.Outbound;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Messages.Gateways;

/// <summary>Says in a sentence what is wrong with a configured gateway: better at the start than with the first code.</summary>
internal sealed partial class GatewaysValidator(ServeMode mode) : IValidateOptions<MessagesOptions>
{
    private const int ShortestSecret = 32;
    private const int MostGateways = 16;
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(20);

    public ValidateOptionsResult Validate(string? name, MessagesOptions options)
    {
        if (mode.Demo && options.Gateways.Count > 0)
        {
            return ValidateOptionsResult.Fail(
                "Messages:Gateways: demo mode has a phone and a mailbox of its own and takes no gateway: its "
                    + "passwords are public, and real people would be called.");
        }

        var faults = options.Gateways.SelectMany((g, i) => Faults(g).Select(f => $"Messages:Gateways:{i}: {f}")).ToList();
        faults.AddRange(options.Gateways.GroupBy(g => g.Id, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(
            same => $"Messages:Gateways: the Id '{same.Key}' is given twice; rows and receipts name a gateway by it."));
        if (options.Gateways.Count > MostGateways)
        {
            faults.Add($"Messages:Gateways: there are more than {MostGateways}.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(GatewayOptions gateway)
    {
        IEnumerable<(bool Bad, string Fault)> common =
        [
            (!Identifier().IsMatch(gateway.Id), "Id must be 1 to 32 of a–z, 0–9 and hyphens."),
            (gateway.Timeout < ShortestTimeout || gateway.Timeout > LongestTimeout, "Timeout must lie between 00:00:01 and 00:00:20."),
            (gateway.ReceiptsUrl.Length > 0 && !IsHttp(gateway.ReceiptsUrl), "ReceiptsUrl must be an absolute http or https address."),
            (!gateway.Carries.All(
                Able(gateway.Kind).Contains),
                $"Channels may hold only what {gateway.Kind} carries: {string.Join(", ", Able(gateway.Kind))}."),
        ];
        return common.Concat(OfKind(gateway)).Where(f => f.Bad).Select(f => f.Fault);
    }

    private static IEnumerable<(bool Bad, string Fault)> OfKind(GatewayOptions gateway) => gateway.Kind switch
    {
        GatewayKind.Kannel => [.. Address(gateway), Missing(gateway.User, "User"), Missing(
            gateway.Password, "Password"), Missing(gateway.Sender, "Sender"), Header(gateway.User + gateway.Password + gateway.Sender)],
        GatewayKind.Twilio => [.. Address(
            gateway), (!AccountSid().IsMatch(gateway.User), "User must be the account SID: AC and 32 hexadecimal digits."), Missing(
            gateway.Password, "Password (the auth token, which also signs receipts)"), Missing(gateway.Sender, "Sender")],
        GatewayKind.Webhook =>
            [.. Address(
                gateway), (
                    gateway.Secret.Length < ShortestSecret, $"Secret must have at least {ShortestSecret} characters; make it at random.")],
        GatewayKind.Smtp =>
        [
            Missing(gateway.Host, "Host"), Missing(gateway.Sender, "Sender"),
            (gateway.Sender.Length > 0 && !MimeKit.MailboxAddress.TryParse(gateway.Sender, out _), "Sender must be a mail address."),
            (gateway.Port is < 1 or > 65_535, "Port must lie between 1 and 65535."),
            (gateway.Tls == SmtpTls.None
                && !gateway.AllowPrivateAddress, "Tls may be None only with AllowPrivateAddress: codes would travel in clear."),
        ],
        _ => [(true, "Kind must be kannel, twilio, webhook or smtp.")],
    };

    private static IEnumerable<(bool Bad, string Fault)> Address(GatewayOptions gateway) =>
    [
        (!Uri.TryCreate(gateway.Url, UriKind.Absolute, out var url) || !OutboundClient.Allows(url, gateway.AllowPrivateAddress),
            gateway.AllowPrivateAddress
                ? "Url must be an absolute http or https address."
                : "Url must be an absolute https address on port 443; AllowPrivateAddress lifts that for a gateway in your own network."),
    ];

    private static (bool Bad, string Fault) Missing(string value, string name) => (string.IsNullOrWhiteSpace(value), $"{name} is missing.");

    private static (bool Bad, string Fault) Header(string values) =>
        (values.Any(
            c => !char.IsAscii(c) || char.IsControl(c)), "User, Password and Sender travel in headers and may hold only printable ASCII.");

    private static MessageChannel[] Able(GatewayKind kind) => kind switch
    {
        GatewayKind.Kannel => [MessageChannel.Sms],
        GatewayKind.Twilio => [MessageChannel.Sms, MessageChannel.Voice],
        GatewayKind.Smtp => [MessageChannel.Email],
        _ => Enum.GetValues<MessageChannel>(),
    };

    private static bool IsHttp(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp);

    [GeneratedRegex("^[a-z0-9-]{1,32}$")]
    private static partial Regex Identifier();

    [GeneratedRegex("^AC[0-9a-fA-F]{32}$")]
    private static partial Regex AccountSid();
}
